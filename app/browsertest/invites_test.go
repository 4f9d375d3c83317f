package browsertest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// linkOf gives the address that a dialog shows.
func linkOf(w *window) string {
	w.t.Helper()
	w.do(see(`dialog[open] .link-box input`))
	return read[string](w, `document.querySelector('dialog[open] .link-box input').value`)
}

const submit = `form button[type="submit"]`

// TestInviteAndNewPassword: the keeper makes an invite, somebody comes by it,
// forgets the password, and gets in again by the keeper's link.
func TestInviteAndNewPassword(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	h := newHouse(t)
	h.do("PATCH", "/api/house", body(t, map[string]any{"sign_up": "invited"}), "application/json", http.StatusOK, nil)
	keeper := openWindow(t, browser, look{url: h.url, token: h.token, locale: "en"})
	keeper.size(desktop.width, desktop.height)
	keeper.show(h.url + "/keeper/people")
	keeper.do(click(`.page-tabs a[href$="invites"]`), see(`.invites .empty button`), click(`.invites .empty button`), see(`dialog[open] form`),
		fill("note", "For Mina"), click(`dialog `+submit))
	link := linkOf(keeper)
	if !strings.HasPrefix(link, h.url+"/invite#") {
		t.Fatalf("the invite is %q", link)
	}
	keeper.do(see(`.link-code svg path`), click(`dialog .actions .button`), until(`document.querySelector('.invite-row .chip')?.textContent === 'Open'`))

	mina := openWindow(t, browser, look{url: h.url, locale: "en"})
	mina.size(phone.width, phone.height)
	mina.show(h.url + "/sign-up")
	mina.do(until(`document.querySelector('h1').textContent.includes('need an invite')`))
	mina.show(link)
	mina.do(until(`document.querySelector('h1').textContent === 'Keeper Kim invites you to Our house'`), until(`location.hash === ''`),
		fill("name", "Mina"), fill("email", "mina@home.example"), fill("password", "correct horse battery"), click(submit),
		until(`location.pathname === '/' && document.documentElement.hasAttribute('data-session')`))
	mina.fine()

	late := openWindow(t, browser, look{url: h.url, locale: "en"})
	late.show(link)
	late.do(until(`document.body.innerText.includes('not valid any more')`))
	late.fine("403")

	// The keeper sees who came, and helps with a new password.
	keeper.show(h.url + "/keeper/people?view=invites")
	keeper.do(until(`document.querySelector('.invite-row')?.innerText.includes('Used up') && document.querySelector('.invite-facts a[href="/mina"]')`),
		click(`.page-tabs a`), see(`.person-row .menu button`))
	keeper.do(pick(`.person-row .menu button`, "0")...)
	keeper.do(see(`dialog[open] form`), fill("password", "a wrong one here"), click(`dialog `+submit), see(`dialog .wrong`),
		run(`document.querySelector('dialog [name=password]').value = ''`), fill("password", "correct horse battery"), click(`dialog `+submit))
	link = linkOf(keeper)
	keeper.do(click(`dialog .actions .button`), until(`document.body.innerText.includes('A link for a new password is out')`))
	keeper.fine("400")

	other := openWindow(t, browser, look{url: h.url, locale: "en"})
	other.show(link)
	other.do(until(`document.querySelector('h1').textContent === 'Choose a new password, Mina'`), until(`location.hash === ''`),
		fill("password", "a password of my own"), click(submit), until(`location.pathname === '/' && document.body.innerText.includes('Your new password is set')`))
	other.fine()
	// Where she was signed in before she is not any more.
	mina.do(run(`location.href = '/settings'`), until(`location.pathname === '/settings' && document.querySelector('.header a[href^="/sign-in"]')`))
	mina.show(h.url + "/sign-in")
	mina.do(fill("email", "mina@home.example"), fill("password", "correct horse battery"), click(submit), see(`form .failure`),
		run(`document.querySelector('[name=password]').value = ''`), fill("password", "a password of my own"), click(submit),
		until(`location.pathname === '/' && document.documentElement.hasAttribute('data-session')`))

	// The keeper shares the house, and gives her room.
	keeper.show(h.url + "/keeper/people")
	keeper.do(see(`.person-row .menu button`))
	keeper.do(pick(`.person-row .menu button`, "1")...)
	keeper.do(see(`dialog[open] form`), click(`dialog [name="space"][value="own"]`), see(`dialog [name="gigabytes"]`), fill("gigabytes", "1.5"), click(`dialog `+submit),
		until(`document.querySelector('.person-row .usage')?.textContent.includes('of 1.5 GB used')`))
	keeper.do(pick(`.person-row .menu button`, "2")...)
	keeper.do(see(`dialog[open] form`), fill("password", "correct horse battery"), click(`dialog `+submit),
		until(`document.querySelectorAll('.person-row .chip').length === 2`))
	mina.show(h.url + "/keeper/people")
	mina.do(see(`.person-row .menu button`))
	mina.show(h.url + "/settings")
	mina.do(until(`document.querySelector('.usage')?.textContent.includes('of 1.5 GB used')`))
}

// TestPagesOfInvites looks at the ways in and at what the keeper sees of them,
// as TestPages looks at the others.
func TestPagesOfInvites(t *testing.T) {
	browser := newTab(t, 5*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	make := func(n wire.NewInvite) (m wire.MadeInvite) {
		h.do("POST", "/api/invites", body(t, n), "application/json", http.StatusCreated, &m)
		return m
	}
	code := func(m wire.MadeInvite) string { return m.Link.URL[strings.Index(m.Link.URL, "#")+1:] }
	long := make(wire.NewInvite{Note: "For the whole choir of the little church at the end of the pier, and whoever sings with them", Uses: 12, Hours: -1})
	one := make(wire.NewInvite{Note: "미나의 사촌"})
	make(wire.NewInvite{})
	for _, m := range []struct{ invite, name, mail string }{
		{code(long), "Wilhelmina Aurora Featherstonehaugh-Montgomery of the Pier", "wilhelmina.aurora.featherstonehaugh-montgomery@music.home.example"},
		{code(long), "Jun", "jun@home.example"}, {code(one), "솔", "sol@home.example"},
	} {
		h.do("POST", "/api/auth/sign-up", body(t, wire.SignUp{Email: m.mail, Password: "correct horse battery", Name: m.name, Invite: m.invite}), "application/json", http.StatusCreated, nil)
	}
	h.do("PATCH", "/api/house", body(t, map[string]any{"quota_bytes": 5_000_000_000, "quota_tracks": 200, "sign_up": "invited"}), "application/json", http.StatusOK, nil)
	h.add(recording{file: "tape.mp3", sound: music(20, 1), patch: map[string]any{"title": "Tape"}})
	var accounts wire.List[wire.Account]
	h.do("GET", "/api/users", nil, "", http.StatusOK, &accounts)
	var reset wire.OneTimeLink
	h.do("POST", "/api/users/"+accounts.Items[0].ID+"/reset", body(t, wire.NewReset{Password: "correct horse battery"}), "application/json", http.StatusCreated, &reset)
	bare := newHouse(t)
	mails := newHouse(t)

	few := []screen{small, phone, desktop}
	item := func(n string) func(w *window) {
		return func(w *window) {
			w.do(see(`.person-row .menu button`))
			w.do(pick(`.person-row .menu button`, n)...)
			w.do(see(`dialog[open] form`))
		}
	}
	scenes := []scene{
		{name: "accounts", in: h, path: "/keeper/people"},
		{name: "accounts-menu", in: h, path: "/keeper/people", sizes: few, act: func(w *window) { w.do(click(`.person-row .menu button`), see(`.menu-list`)) }},
		{name: "account-reset", in: h, path: "/keeper/people", sizes: few, act: item("0")},
		{name: "account-quota", in: h, path: "/keeper/people", sizes: few, act: func(w *window) {
			item("1")(w)
			w.do(click(`dialog [name="space"][value="own"]`), see(`dialog [name="gigabytes"]`))
		}},
		{name: "account-role", in: h, path: "/keeper/people", sizes: few, act: item("2")},
		{name: "invites", in: h, path: "/keeper/people?view=invites"},
		{name: "invites-none", in: bare, path: "/keeper/people?view=invites", sizes: few},
		{name: "invite-new", in: h, path: "/keeper/people?view=invites", sizes: few, act: func(w *window) { w.do(click(`.invites .actions .main`), see(`dialog[open] form`)) }},
		{name: "invite-link", in: mails, path: "/keeper/people?view=invites", sizes: few, act: func(w *window) {
			w.do(click(`.invites .main`), see(`dialog[open] form`), click(`dialog `+submit), see(`dialog .link-code svg`))
		}},
		{name: "invite", in: h, visitor: true, path: "/invite#" + code(long)},
		{name: "invite-bad", in: h, visitor: true, path: "/invite#" + code(one), sizes: few, fails: []string{"403"}},
		{name: "invite-in", in: h, path: "/invite#" + code(long), sizes: few},
		{name: "reset", in: h, visitor: true, path: reset.URL, sizes: few},
		{name: "forgot", in: h, visitor: true, path: "/reset", sizes: few},
		{name: "sign-up-invited", in: h, visitor: true, path: "/sign-up", sizes: few},
		{name: "settings-quota", in: h, path: "/settings", sizes: few},
	}
	inspectAll(t, browser, axe, scenes)
}
