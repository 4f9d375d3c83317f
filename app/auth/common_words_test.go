package auth

// The words that people make passwords of, from which common.txt is made.

const givenNames = `
aaron abby abigail adam adrian aiden alan albert alejandro alex alexander alexandra alexis alice alicia alison allen
alyssa amanda amber amelia amy ana andrea andreas andrew andy angel angela angelica angelina anita ann anna anne annie
anthony antonio april ariana ariel arthur ashley aubrey audrey austin ava bailey barbara barney beatrice becky bella
ben benjamin bernard beth betty beverly bianca bill billy blake bobby bonnie brad bradley brandon brandy brenda brent
brian brianna bridget brittany brooke bruce bryan caitlin caleb calvin cameron camila carina carla carlos carmen carol
carolina caroline carrie carter cassandra cassie catherine cecilia chad charlene charles charlie charlotte chase chelsea
cheryl chloe chris christian christina christine christopher cindy claire clara claudia clayton cody cole colin connor
corey courtney craig crystal curtis cynthia daisy dakota damian dan daniel daniela danielle danny darlene darren dave
david dawn dean deborah debbie dennis derek desiree destiny diana diane diego dominic donald donna doris dorothy doug
douglas dustin dylan eddie edgar eduardo edward edwin eileen elaine eleanor elena eli elijah elisabeth elizabeth ella
ellen emily emma eric erica erik erika erin ernest esther ethan eugene eva evan evelyn faith felicia felix fernando
fiona florence frances francesca francis francisco frank frankie fred freddie frederick gabriel gabriela gary gavin
geoffrey george gerald gina ginger giovanni gladys glenn gloria gordon grace gracie graham grant greg gregory guillermo
gustavo hailey hannah harold harrison harry harvey hayden hazel heather hector heidi helen henry holly hope howard hugo
hunter ian irene iris isaac isabel isabella isaiah ivan jack jackie jackson jacob jacqueline jade jaime jake james jamie
jan jane janet janice jared jasmine jason jasper javier jay jean jeff jeffrey jenna jennifer jenny jeremiah jeremy jerome
jerry jesse jessica jessie jesus jill jim jimmy joan joanna jocelyn joe joel joey john johnny jonathan jordan jorge jose
joseph josephine joshua joyce juan juanita judith judy julia julian juliana julie juliet june justin kaitlyn karen karina
karl kate katelyn katherine kathleen kathryn kathy katie katrina kayla keith kelly kelsey ken kendra kenneth kenny kerry
kevin kim kimberly kirsten kristen kristin kristina kurt kyle lance larry laura lauren laurie lawrence leah lee leo leon
leonard leonardo leslie levi lewis liam lily linda lindsay lindsey lisa lloyd logan lola lorenzo lori louis louise lucas
lucia lucy luis luke lydia lynn mackenzie madeline madison maggie malcolm mandy manuel marc marcel marcia marco marcus
margaret maria mariah marie marilyn marina mario marion marissa mark marlene marlon marsha martha martin marvin mary
mason mateo mathew matilda matthew maureen maurice max maxwell megan melanie melinda melissa melvin mercedes meredith
mia michael michaela micheal michele michelle miguel mike mila mildred miles miranda mitchell molly monica monique morgan
muhammad mohamed mohammed nadia nancy naomi natalia natalie natasha nathan nathaniel neil nelson nicholas nick nicole nikki nina
noah noel nora norma norman oliver olivia omar oscar owen paige pamela patricia patrick paul paula pauline pedro peggy
penelope penny perry peter phil philip phillip phoebe phyllis polly preston priscilla quentin rachel rafael ralph ramon
randy raul ray raymond rebecca regina renee ricardo richard rick ricky riley rita rob robert roberta roberto robin robyn
rocky rodney roger roland ronald ronnie rosa rose rosemary rosie ross roxanne roy ruby rudy russell ruth ryan sabrina
sally sam samantha sammy samson samuel sandra sandy santiago sara sarah sasha savannah scott sean sebastian serena sergio
seth shane shannon sharon shaun shawn sheila shelby shelly sherry shirley sidney silvia simon simone sofia sonia sophia
sophie spencer stacey stacy stanley stella stephanie stephen steve steven stewart stuart sue summer susan susie suzanne
sydney sylvia tamara tammy tania tanya tara tatiana taylor ted teresa terri terry theo theodore theresa thomas tiffany
tim timmy timothy tina toby todd tom tommy toni tony tracey traci tracy travis trevor trinity tristan troy tyler valentina
valerie vanessa vera vernon veronica vicki vickie victor victoria vincent violet virginia vivian wade wallace walter
wanda warren wayne wendy wesley whitney will william willie wilson winston xavier yolanda yvonne zachary zoe
`

const koreanNames = `
chulsoo chulsu dahyun dohyun donghyun eunji eunjung eunkyung gildong haneul hyejin hyunji hyunjin hyunwoo jaehyun jaewon
jieun jihoon jihye jimin jinwoo jisoo jiwon jiyeon jiyoung joohyun jungho junho junhyuk juyeon kyungsoo mijin minho minji
minjun minseo minsu nayeon sangwoo seojun seoyeon seoyun seungho seungmin sohyun soojin subin sujin sungmin taehyung
yejin yerin yoona youngho younghee youngsoo yujin yuna yuri bongjun kimchi kimminji leejihoon parkjimin honggildong
`

const words = `
abcd abcde abcdef access account action admin administrator adventure airborne airplane alaska albatross alert alien
alligator alpha alphabet amazing amazon america american anaconda anarchy android angels animal animals antelope apache
apollo apple apples aquarius arcade archer area51 argentina arizona arkansas armadillo army arrow arsenal artist asdf
asshole assassin athena atlanta atlantis attack august autumn avatar avenger awesome baby babyboy babydoll babygirl
babylon backspace backup badass badboy badger badgirl ballet balloon banana bananas bandit bank barbie barcelona
baseball basketball bassoon batman battle baxter beach beaches beagle bear bears beast beatles beautiful beauty beaver
beer believe berlin bicycle bigboss bigboy bigdaddy bigdog billiards biology biscuit bitch bitches bitcoin black
blackbird blackcat blackjack blackout blahblah blaster blessed blessing blizzard blood bloody blossom blue blueberry
bluebird bluemoon bluesky bollocks bond007 bonkers boogie boomer boston bowling boxing boyfriend brasil braves brazil
bread breeze broadway broken bronco broncos brother brothers brownie browns bubba bubble bubblegum bubbles buddha buddy
buffalo buffy bullet bulldog bulldogs bullshit bunny business buster butter buttercup butterfly button cactus caesar
calendar california camaro camera campus canada cancer candle candy canon captain caramel cardinal cardinals cards
carnival carrot cartoon casino casper castle catfish catdog cats celtic celtics central champion champions chance change
changeme chaos charmed cheese cheesecake cheetah chemistry cherries cherry chess chester chevrolet chevy chicago chicken
chickens chief china chipmunk chocolate choochoo chopper christ christmas chronic cinema cinnamon cisco classic claymore
cloud clouds clover cobra cocacola coconut coffee college colorado combat comet comfort commander compaq computer
concrete contact control cookie cookies cool coolguy coolman cooper copper corona corvette cosmos cougar country courage
cowboy cowboys coyote cracker crazy cream creative cricket crimson cristian cross crusader cryptonite cupcake cutie
cyber cyclone cyclops daddy daddysgirl dallas damn dance dancer dancing danger dark darkangel darkness darkside darling
dawg daydream death december defender delete delicious delta demon denver desert design desktop detroit devil devils
diablo diamond diamonds digital dinosaur director dirtbike disco discover disney doctor dodgers dogs dollar dollars
dolphin dolphins domino donkey donut dragon dragonball dragonfly dragons dream dreamer dreams drive driver drowssap
drummer ducati duck ducks dude dynamite eagle eagles earth earthquake easter eclipse einstein electric electro element
elephant elevator eleven elite emerald eminem emperor empire energy england enigma enter enterprise entropy envelope
escape eternal eternity europe everest everton everyone evolution example excalibur explorer express extreme faceboook
facebook fairy falcon falcons family fantasy farmer fashion father fatman february ferrari fiction fighter finger
fire fireball firebird firefly firefox fireman firewall fish fisher fishing flamingo flash flipper florida flower
flowers fluffy flying football footbal fordf150 forest forever forever21 fortnite fortress fortuna fortune forward
foxtrot france freak freddy freedom freeman freepass freeuser french friday friend friends friendship frog froggy frosty
fuckface fucker fuckoff fuckthis fuckyou funny funtime future galaxy gamer games gameover gandalf gangster garage garden
garfield gateway gators gemini general genesis genius gentle germany getmoney getout ghost giant giants gibson giggles
giraffe girlfriend girls gizmo gladiator godfather godisgood godiva godzilla gold golden golf golfer goldfish google
goober goodboy goodday goodgirl goodluck gorgeous gorilla gotcha gotohell grandma grandpa grapes graphics grateful great
green greenday greenbay griffin grizzly groovy guardian guest guinness guitar guitarist gunner hacker halloween hamburger
hammer hamster handball handsome happiness happy happyday happydays happyfeet hardcore harley harleydavidson harmony
harrypotter hawaii hawkeye hawks heart heartbreak hearts heaven heineken hello hellohello hellokitty helloworld help helpme
hercules hero herohero highland highlander hiphop history hockey holiday hollywood homer homerun honda honey honeybee
honeybear honeymoon horizon hornet horse horses hotdog hotel hotmail hotrod hotstuff house houston hummer humble hunting
hurricane hydrogen iceberg icecream iceman idontcare idontknow idunno ignition ihateyou iloveyou iloveme imagine
immortal impala imperial indian indiana indigo infinity ingress inferno innocent insane inside insomnia instagram install internet
intrepid inuyasha invisible ireland ironman island italia italy jackass jaguar jamaica january japan jellybean jerkoff
jesuschrist jesuslovesme jewels joker journey jumper jungle junior jupiter justdoit justice karate katana kawasaki keeper
keyboard killer killers killme king kingdom kingfish kingkong kings kissme kitchen kitten kittens kitty kittycat klondike
knight knights kobebryant kodiak krypton kungfu ladies ladybug lakers lamborghini laptop lasvegas laughter lavender
legend legends lemon lemonade leopard letmein letmein1 letmesee liberty library lifehack lifeline light lighthouse
lightning linkedin linkinpark lionheart lionking lions liquid literature little liverpool lizard lobster lollipop lollol
london lonely longhorn loser losers love lovelife loveless lovelove lovely loveme lover loverboy lovers loveyou lucky
lucky7 luckydog luckyme luckyone lunatic macbook macintosh machine maddog madness magic magical magician magnet magnolia
magnum majestic mama manager manchester manman manunited marathon marijuana marine mariner mariners marines marlboro
mars marshall marshmallow martini master masters matrix maverick mayday mechanic medical megaman member memories memory
memphis mercury merlin mermaid mersedes metal metallic metallica mexico miami mickey mickeymouse microsoft midnight
military millenium million minecraft minime minnesota minnie mission mississippi missy mnbvcxz mobile money moneymaker
moneyman monday monkey monkeys monkeyboy monopoly monsoon monster monsters montana moocow moon moonlight moonshine moose
morning mortgage mother mothers motocross motorola mountain mountains mouse movies mushroom music musical musicman
mustang myfamily mylife mylove mypassword myself myspace mystery mystic napoleon napster naruto nascar national nature
naughty nautilus ncc1701 nebraska nemesis neptune netscape network newcastle newlife newpass newpassword newyork
nicolas nightmare ninja ninjas nintendo nirvana nissan nobody nokia nopass nopassword north nothing notebook november number
nursing oakland obiwan obsession ocean october octopus office officer ohyeah oklahoma oldschool omega online onlyme
onelove opendoor opensesame opensource operator optimus orange oranges orchard orchid oregon orion orlando outlaw
outside overlord oxford oxygen packard packers pacific paintball painter paladin pancake panda pandas pandora pantera
panther panthers panzer papa paradise paradox paris parker parrot party pass passcode passion passme passpass passport
passw0rd passwd password passwords passwort pasword patches patience patriot patriots payday peace peaceful peaches
peacock peanut peanuts pearljam pebbles pegasus penguin penguins people pepper peppermint pepsi perfect person personal
phantom pharmacy phoenix photo photoshop physics piano picasso pickle pickles picture pikachu pineapple pinkfloyd
pinkpink pinky pinnacle pioneer pirate pirates pistons pitbull pizza planet platinum platypus player playboy players
playgirl playground playstation please pocket poison pokemon police politics pollux poop pooppoop poohbear pookie popcorn
popeye popular porsche portugal positive potato power powerful powers precious predator premier president pretty
princess princesa principe printer prince private problem producer professor profile program project prophet prosper
protect psycho pumpkin punisher punkrock puppies puppy purple pyramid python qazwsx quality quantum quasar queen queens
question quicksilver qwaszx qwerty qwertz azerty rabbit raccoon racecar racing radical radio raiders railroad rainbow rainbows
raindrop ranger rangers raptor rasputin rastaman raven ravens realmadrid reality rebel rebels recovery redbull
reddevil reddog redhead redhot redneck redrose redrum redskins redsox redwings reggae remember remote renegade republic
requiem rescue research reset resident response revenge revolution reynolds rhapsody ricochet ringer river roadking
roadrunner robocop robot robotics rock rocker rocket rockets rockme rockstar rockyou rocknroll romance romantic
romeo ronaldo roosevelt root rootbeer rooster rosebud roses royal rugby runaway runescape runner running runtime russia
rush2112 sabotage safari safety sailing sailor sailormoon saints salvador samsung samurai sanctuary sandiego sandman
santa saturday saturn sausage savage saxophone school scholar science scooby scoobydoo scooter scorpio scorpion
scotland scrappy seattle secret secrets secure security seminole senator senior sentinel september serenity sesame seven
seventeen sexy sexybitch sexyboy sexygirl sexylady sexymama sexything shadow shadows shaggy shalom shamrock shark sharks
sheep sheriff shibainu shining shithead shitty shooter shopping shorty shotgun showtime shutdown shutup sierra silence
silver silverado simple simpson simpsons simsims sister sisters skateboard skater skeleton skipper skippy skittles
skydive skyline skywalker slapshot slayer sleeping slipknot slippery slugger smile smiles smiley smirnoff smith smokey
smooth smoothie snake snapchat snapple snickers sniper snoopy snow snowball snowboard snowbird snowflake snowman snowwhite
soccer softball software soldier solitude solomon somebody someone something sonic soprano sorry soulmate source south
spaceman spanky sparkle sparkles sparky sparrow spartan spartans special spectrum speedy spider spiderman spirit
spitfire splash sponge spongebob spooky sport sporting sports spring sprinter sprite spurs squirrel stalker standard
star starbucks starcraft stardust starfish stargate stargazer starlight stars start startrek starwars state station
stealth steelers stingray stinky stonecold storage storm stormy stranger strawberry street strength strike strikers string strong
student stupid subaru submarine subway success suckit sugar sunday sundance sunflower sunlight sunrise sunset sunshine
super superboy superdog superfly supergirl superhero superior superman supermario supernova superpass superstar
supersonic support supreme surfer surfing survivor suzuki swallow sweden sweet sweetheart sweetie sweetness sweetpea sweets
sweety swimmer swimming swordfish symphony syracuse system tacobell talisman target tarheels tattoo teacher technics
techno teddy teddybear telephone temp temp1234 temporary tennis tequila terminal terminator test tester testing testpass
testtest testuser texas thailand thankyou thebest theboss thebeatles thecure thedoors theking thematrix theman theone
therapy therock thirteen thunder thunderbird thursday thx1138 tiger tigers tigger tinkerbell tinker titanic titanium
titans together tomato tomcat tornado toronto touchdown tower toyota tractor traffic trains trainer transformers travel
treasure triangle trident trigger trinidad triumph trooper tropical trouble trucker trumpet trustme trustno1 truth
tsunami tuesday tupac turbo turkey turtle turtles tweety twilight twister twitter ultimate umbrella undertaker underground unicorn
union united universal universe university unknown unreal username utopia vacation valentine valley vampire vanguard
vanilla vector vegas vegeta velocity venice venture venus verizon vermont vertigo victory video viking vikings vintage
violin viper virgin vision volcano volleyball volume voodoo voyager walker walking wallpaper walnut warcraft wareagle
warhammer warlock warrior warriors washington watchdog water waterfall waterloo watermelon waters wealth weather website
wedding wednesday weezer welcome wellness western whatever whatsup wheels whiskey whisper white whitesox whoami whocares
whynot wicked wildcat wildcats wildman willow windows windsurf winner winners winning winter wisdom wizard wizards wolf
wolfgang wolfman wolfpack wolverine wolves woman wonder wonderful wonderland woodstock world worldcup worship wrangler
wrestling writer wutang xboxlive xfiles yahoo yamaha yankee yankees yellow yesterday yogibear youknow youngblood
younglove yourmom youtube yoyoyo zanzibar zebra zeppelin zerocool zodiac zombie zxcvbn
korea seoul busan incheon jeju tokyo osaka beijing shanghai singapore hongkong taiwan moscow madrid milano roma istanbul
earshot soundcloud audio acoustic album artiste bassline beats bigband choir chorus classical clarinet concert cello
deejay djing drums drumnbass dubstep ensemble festival flute guitarhero harmonica headphone headphones hardrock housemusic
jazz jazzman jukebox karaoke keyboards listen listener loudness melody microphone mixtape musica musician musiclover musik
musique orchestra pianist pianoman playlist punk recorder recording remix rhythm rocknrolla samples singer singing
songbird songs songwriter sound soundcheck sounds soundtrack speaker stereo studio techno4ever tempo trombone turntable
ukulele vinyl vocalist vocals waveform
`

const phrases = `
abc123 abcd1234 a1b2c3d4 aa123456 a123456 a1234567 a12345678 a123456789 abc12345 abc123456 abcd12345 admin123 admin888 administrator1 aaa111
adminadmin adobe123 allmine asdf1234 asd123 azertyuiop bismillah blink182 butthead cheerleader chelsea1 computer1 cocoloco
comeon11 default1 dearbook deadpool diosesfiel dontknow e10adc3949 estrella eternity1 factory1 fantastic4 felicidad firstpass
football1 freeforall goodmorning goodnight guessme guessit hakunamatata hesoyam heslo123 hola1234 howareyou iambatman
iamawesome iamcool iamgod iamtheone iamthebest ilovecats ilovedogs ilovegod ilovehim iloveher ilovejesus ilovemom
ilovemusic ilovemykids ilovemyself ilovesex iloveu2 iloveyou2 iloveyoubabe iloveyousomuch imissyou imthebest incorrect
inthebeginning itsasecret itsmylife jesus1st jesusislord jesussaves justforfun justforme keepout killbill kissmyass
letmeinnow letmeinplease liverpoolfc livelife loginlogin lovehurts loveisblind loveyou2 makemoney master123 mastermind
meandyou mememe minhasenha mommy123 motdepasse mothership mynameis nevermind newuser1 nimda123 noidea norepeat
nosecret notagain ohmygod omgomgomg onepiece pa55word p4ssword p4ssw0rd pass1234 passpass1 password01 password12 password123
password1234 password12345 password123456 passwordpassword pleaseletmein pleasework princess1 qwer1234 qwerty12 qwerty123
qwerty1234 qwerty12345 qwerty123456 querty rememberme righthere root1234 rootroot samsung1 secret123 secretsecret senha123
senhasenha sexsexsex shadow12 showmethemoney slipknot666 starwars1 stayaway sunshine1 superman1 supersecret
takethis teamo123 teiubesc test1234 testtest1 thisisit thisisme thisismypassword toor1234 tothemoon trustinme user1234
useruser vfvfgfgf victory1 wachtwoord waheguru welcome123 whatsmypassword whatisthis whatthefuck whatthehell
wordpass worldpeace yesterday1 youandme youtube1 zaq12wsx zaq1zaq1 zxcv1234 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 q1w2e3r4t5 1qazxsw2
qwe123qwe qwe12345 123qweasd 123qweasdzxc 123qwe123 123abc123 1234abcd 1234qwer 12345qwert 12345abc 123456abc 123456qwerty 123456a 1234567a 12345678a
123456789a 123456789q 12345678q 123abcde 1a2b3c4d 1g2w3e4r 1password 2bornot2b 3rjs1la7qe 4everyoung 7777777a 88888888a
a801016 aa12345678 as123456 asdasd123 asdfasdf1 asdfgh123 d123456789 dragon123 g_czechout j38ifubn jordan23 mar20lt123
pokemon123 monkey123 michael1 n0=acc3ss qq123456 qq123456789 w123456789 woaini woaini1314 woaini520 woaini521 wang123456 zz123456 zhang123
xxx12345 x4ivyga51f yuantuo2012 zxcvbnm123 z123456789
dkssud dkssudgktpdy dlsgur ekdrms qlalfqjsgh rkskekfk rkaehd rhdqn skdlrl sarang saranghae saranghaeyo saranghamnida annyeong
annyeonghaseyo tkfkd tkfkdgo tkfkdgody tkfkdgkqslek wjdqhqhdks gksrnr gksrmf gkrrygkfk gkqgkq eogksalsrnr aksen akfldk
daehanminguk hangukin koreakorea seoul1988 redevils bangtan blackpink bigbang girlsgeneration twicetwice exoexo jaejoong
사랑해 사랑해요 사랑합니다 안녕하세요 안녕하세요안녕 비밀번호 비밀번호입니다 대한민국 대한민국만세 패스워드 관리자 암호암호 우리나라만세 행복하세요
행복하자 건강하세요 가나다라 가나다라마바사 가나다라마바사아 동해물과백두산이 동해물과백두산이마르고닳도록 아자아자화이팅 고맙습니다 감사합니다 홍길동
kkkkkkkk1 ㅋㅋㅋㅋㅋㅋㅋㅋ パスワード 密码密码 пароль пароль123 йцукен йцукенг contraseña mot2passe motdepasse1 passwort1 kennwort
hallo123 hallohallo schatz schalke04 sommer sonnenschein ficken fussball bayern berlin123 bonjour doudou loulou marseille
soleil chocolat jetaime azerty123 nicolas1 amoremio ciaociao juventus forzamilan francesca1 napoli1926 contrasena
tequiero teamo bonita mariposa princesita corazon estrellita chocolate1 barcelona1 realmadrid1 flamengo corinthians
palmeiras saopaulo brasileiro tinkerbell1 sayang sayangku bangsat indonesia merdeka anjing kucing rahasia
vietnam matkhau anhyeuem emyeuanh khongbiet india123 krishna ganesha hariom saibaba pakistan allah786 786786786 mohammad
inshallah polska kochanie haslo123 qwertyui1 mateusz zaqwsx marzec natasza privet natasha1 lubov123 spartak zenit1925
`

const digitPatterns = `
01020304 01234567 012345678 0123456789 09876543 0987654321 10101010 10203040 1020304050 102030405060 11112222 111222333 111222333444 11112222a
1122334455 112233445566 11223344 112211221122 121314 12131415 1213141516 123098 123098456 12301230 123123123 1231231234 12312312 1233211234567
123321123 12332112 123321123321 1234123412 1234321 12344321 123443211234 12345432 123454321 1234554321 12345654321 123456654321 12345677654321 123456787654321 12345679 1234567890123456 12345678910 1234567891
123456788 123456987 123456789012 123456789987654321 123654 12365478 123654789 123678945 123789456 123698745 12369874 13131313 13141314 13243546 13572468 1357924680 135791113 13579246 1357913579 14141414
142536 1425364 14253678 142857142857 147147147 147258 1472583 14725836 147258369 1472583690 147852 14785236 147852369 147896325 14789632 14921492 15151515 159159159 15935700 159357 1593572 15935728 159357159357 159753 15975300 1597532486
159753159 159753258456 159951159951 16161616 17171717 18181818 19191919 1qwerty1 20102010 20202020 212121212 2222233333 22334455 23232323 23456789 234567890 24681012 24681357 246813579 2468101214 25252525
25802580 258258258 25845600 258456 258456147 258369147 31415926 314159265 3141592653 31313131 321321321 32132132 321654 32165400 321654987 32165498 33445566 34343434 34567890 357159 357951 35795100 369258147 36925814 36987412 369852147
420420420 42042069 43214321 44445555 456456456 456123789 456789123 45678912 45454545 456852 45685200 55667788 54321012345 54321543 5201314 52013140 520131452 56565656 567891234 56789012 654321123456 65432112 66778899 666999666
67676767 696969696 69696969 741258963 74125896 741852 74185200 741852963 74185296 753159 75315900 753951 75395100 753951852456 75395185 77889900 777888999 789123456 78912345 789456 78945600 789456123 78945612 789632145 78963214 789654123 7894561230 78787878
852456 85245600 852456951 85208520 87654321 876543210 8888999 88889999 89898989 90909090 951753 95175300 951753852456 95175385 951357 963852741 96385274 963258741 987456321 98745632 987123654 987412365 9876543210123 987654321987654321
98769876 98989898 99887766 999888777 00112233 001122334455 00001111 000111222 00000001 00000007 007007007 0o9i8u7y 10041004 00700700 112112112 119119119 911911911 12041204 99999990
`

// keyboards are the rows and the ways over the keys that fingers walk, each
// also taken backwards.
const keyboards = `
1234567890 qwertyuiop asdfghjkl; zxcvbnm,./ qwertzuiop azertyuiop abcdefghijklmnopqrstuvwxyz
1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 qawsedrftgyhujikolp azsxdcfvgbhnjmkl
1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/ qazwsxedcrfvtgbyhnujmikolp zaqxswcdevfrbgtnhymjukilop zaq1xsw2cde3vfr4bgt5nhy6mju7
qweasdzxc qweasdzxcrtyfghvbn qwerasdfzxcv qwertasdfgzxcvb 123qweasdzxc 1234qwerasdfzxcv 1qazxsw23edcvfr45tgbnhy67ujm
!@#$%^&*() !qaz@wsx#edc$rfv !q@w#e$r%t^y asdfqwerzxcv asdzxcqwe zxcasdqwe poiuytrewq lkjhgfdsa mnbvcxz 147258369 963852741
ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ ㅁㄴㅇㄹㅎㅗㅓㅏㅣ ㅋㅌㅊㅍㅠㅜㅡ
`
