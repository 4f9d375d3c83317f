package app

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/app/config"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// UserUsage is the help of "earshot user".
const UserUsage = `Accounts of this Earshot, whether it is open or closed.

Usage:
  earshot user list                       everybody who has an account
  earshot user add EMAIL [-name NAME] [-keeper]
                                          make an account; prints a link by which
                                          its owner chooses a password
  earshot user reset WHO                  print a link by which somebody chooses a
                                          new password
  earshot user factor WHO                 take the second step of the sign-in away from
                                          somebody who lost phone and recovery codes
  earshot user role WHO keeper|member     make somebody a keeper, or a member again
  earshot user suspend WHO                shut somebody out; nothing is deleted
  earshot user restore WHO                let somebody in again
  earshot user remove WHO [-yes]          delete somebody with all that is theirs;
                                          asks first, unless -yes is given

WHO is a username or an e-mail address. Links work once, within 24 hours.
Nobody is ever asked for a password here, and none is shown.

Flags:
  -name NAME      how others see the new account
  -keeper         the new account keeps the house
  -yes            do not ask
  -config FILE    settings; config.toml in this folder when there is one
  -data FOLDER    where everything is kept
`

// Command is one use of "earshot user".
type Command struct {
	Help   bool
	Verb   string
	Words  []string // behind the verb
	Name   string
	Keeper bool
	Yes    bool
}

// verbs are the commands, with how many words follow each.
var verbs = map[string]int{"list": 0, "add": 1, "reset": 1, "factor": 1, "role": 2, "suspend": 1, "restore": 1, "remove": 1}

// UserCommand reads the words behind "earshot user" and makes its flags known;
// rest is what they, and the flags of all commands, are to be read from.
func UserCommand(flags *flag.FlagSet, args []string) (c *Command, rest []string, err error) {
	c = &Command{}
	flags.StringVar(&c.Name, "name", "", "")
	flags.BoolVar(&c.Keeper, "keeper", false, "")
	flags.BoolVar(&c.Yes, "yes", false, "")
	// Words may stand before flags, between them and behind them.
	takesValue := func(name string) bool {
		return slices.Contains([]string{"name", "config", "data", "listen"}, strings.TrimLeft(name, "-"))
	}
	var words []string
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case len(arg) > 1 && arg[0] == '-':
			rest = append(rest, arg)
			if takesValue(arg) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		default:
			words = append(words, arg)
		}
	}
	if len(words) == 0 || words[0] == "help" {
		c.Help = len(words) > 0 || len(rest) == 0 || slices.Contains(rest, "-h") || slices.Contains(rest, "-help") || slices.Contains(rest, "--help")
		if !c.Help {
			err = errors.New("say what to do, such as \"earshot user list\"; \"earshot user help\" lists what there is")
		}
		return c, rest, err
	}
	c.Verb, c.Words = words[0], words[1:]
	n, known := verbs[c.Verb]
	switch {
	case !known:
		err = fmt.Errorf("there is no command \"user %s\"; \"earshot user help\" lists what there is", c.Verb)
	case len(c.Words) != n:
		err = fmt.Errorf("\"earshot user %s\" wants %s; \"earshot user help\" tells more", c.Verb, wanted(c.Verb))
	case c.badRole():
		err = fmt.Errorf("%q is no role: it is keeper or member", c.Words[1])
	}
	return c, rest, err
}

// badRole tells whether a command names a role that there is not.
func (c *Command) badRole() bool {
	return c.Verb == "role" && c.Words[1] != "keeper" && c.Words[1] != "member"
}

func wanted(verb string) string {
	switch verb {
	case "list":
		return "nothing more"
	case "add":
		return "one e-mail address"
	case "role":
		return "a username or e-mail address, and keeper or member"
	}
	return "one username or e-mail address"
}

// Run does a command: by the house that is open on the data, or else on the
// data itself.
func (c *Command) Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	dir := o.Config.Data
	if _, err := os.Stat(filepath.Join(dir, dbName)); err != nil {
		return fmt.Errorf("there is no Earshot in the folder %s: %w; start it once, or name the folder with -data", dir, plain(err))
	}
	if c.Verb == "remove" && !c.Yes {
		if err := c.confirm(in, out); err != nil {
			return err
		}
	}
	return inHouse(ctx, func() error { return handOver(ctx, dir, *c, out) }, func() error { return c.alone(ctx, o, out) })
}

// confirm asks whether somebody shall be deleted.
func (c *Command) confirm(in io.Reader, out io.Writer) error {
	fmt.Fprintf(out, "Delete the account of %s with all its tracks, playlists, comments and messages? This can't be undone.\nType yes to go on: ", c.Words[0])
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was deleted")
	}
	return nil
}

// alone does a command while the house is closed.
func (c *Command) alone(ctx context.Context, o Options, out io.Writer) error {
	a := &App{cfg: o.Config, log: o.Log}
	var err error
	a.db, err = db.Open(filepath.Join(o.Config.Data, dbName), db.Options{Log: o.Log, Now: o.Now})
	if errors.Is(err, db.ErrLocked) {
		return silent{o.Config.Data}
	}
	if err != nil {
		return a.explain(err)
	}
	rules := core.New(core.Options{DB: a.db, Log: o.Log, Now: o.Now, Pace: o.Pace})
	at, _ := net.ResolveTCPAddr("tcp", o.Config.Listen)
	err = c.do(ctx, rules.Console(), o.Config, at, out)
	if err != nil {
		err = errors.New(sentence(err))
	} else if c.Verb == "remove" {
		fmt.Fprintln(out, "The rest is done when Earshot starts.")
	}
	return errors.Join(err, a.close())
}

// sentence is what whoever gave a command is told of a failure.
func sentence(err error) string {
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		return plain(err).Error()
	}
	return f.Message
}

// do does a command by the rules; at is where the house is reached.
func (c *Command) do(ctx context.Context, rules core.Console, cfg config.Config, at net.Addr, out io.Writer) error {
	if n, known := verbs[c.Verb]; !known || n != len(c.Words) || c.badRole() {
		return errors.New("this is not a command")
	}
	say := func(u db.User, err error, format string, more ...any) error {
		if err == nil {
			fmt.Fprintf(out, format+"\n", append([]any{u.Name + " (" + u.Username + ")"}, more...)...)
		}
		return err
	}
	switch c.Verb {
	case "list":
		users, err := rules.Users(ctx)
		if err != nil {
			return err
		}
		return table(users, out)
	case "add":
		role := db.Member
		if c.Keeper {
			role = db.Keeper
		}
		link, err := rules.Add(ctx, c.Words[0], c.Name, role)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s has an account now, as %s. Send them this link to choose a password with:\n", link.User.Name, link.User.Username)
		return printLink(link, cfg, at, out)
	case "reset":
		link, err := rules.Reset(ctx, c.Words[0])
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s (%s) chooses a new password with this link:\n", link.User.Name, link.User.Username)
		return printLink(link, cfg, at, out)
	case "factor":
		u, err := rules.DropFactor(ctx, c.Words[0])
		return say(u, err, "%s signs in without a second step now; all sessions of the account have ended.")
	case "role":
		role := db.Member
		if c.Words[1] == "keeper" {
			role = db.Keeper
		}
		u, err := rules.SetRole(ctx, c.Words[0], role)
		return say(u, err, "%s is a %s now.", c.Words[1])
	case "suspend":
		u, err := rules.Suspend(ctx, c.Words[0])
		return say(u, err, "%s is suspended.")
	case "restore":
		u, err := rules.Restore(ctx, c.Words[0])
		return say(u, err, "%s may come in again.")
	}
	u, err := rules.Remove(ctx, c.Words[0])
	return say(u, err, "%s is being deleted.")
}

// printLink prints a link for every address at which the house is reached.
func printLink(link core.ResetLink, cfg config.Config, at net.Addr, out io.Writer) error {
	var bases []string
	if cfg.PublicURL != "" {
		bases = []string{cfg.PublicURL}
	} else {
		local, phones := addresses("http", at, "", cfg.Base()) // which leads on to https
		bases = append(phones, local)
	}
	fmt.Fprintln(out)
	for _, base := range bases {
		fmt.Fprintf(out, "  %s/reset#%s\n", base, link.Code)
	}
	_, err := fmt.Fprintf(out, "\nIt works once, until %s.\n", link.Expires.Local().Format("2006-01-02 15:04"))
	return err
}

// table prints accounts, one a line.
func table(users []db.User, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "USERNAME\tE-MAIL\tROLE\tTRACKS\tSIZE\tSINCE\tNAME")
	for _, u := range users {
		role := "member"
		switch {
		case u.Disabled:
			role = "suspended"
		case u.Role == db.Keeper:
			role = "keeper"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", u.Username, u.Email, role, u.Tracks,
			strconv.FormatFloat(float64(u.Bytes)/1e6, 'f', 1, 64)+" MB", u.Created.Local().Format(time.DateOnly), u.Name)
	}
	return w.Flush()
}
