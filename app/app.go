// Package app builds, starts and stops everything: the data, the rules over
// it, the work in the background and the server in front.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"earshot/app/api"
	"earshot/app/auth"
	"earshot/app/auth/openid"
	"earshot/app/certs"
	"earshot/app/config"
	"earshot/app/core"
	"earshot/app/jobs"
	"earshot/app/listenbrainz"
	"earshot/app/mdns"
	"earshot/app/subsonic"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
	"earshot/ui"
)

// Options are what a house needs besides its settings.
type Options struct {
	Config   config.Config
	Version  string
	UIFolder string // read the browser app from here; "" for the one built in
	Log      *slog.Logger
	HashCost int              // of bcrypt; 0 for the usual. Tests take less.
	Now      func() time.Time // nil for time.Now

	// Pace is the clock of how often something may be done; nil for the real one.
	Pace func() time.Duration

	// Unlimited is for tests and measurements: requests are not counted.
	Unlimited bool

	// Quiet is how long nothing has to change in a library before it is read, and
	// in a file before it is taken; 0 for the usual. Tests take less.
	Quiet time.Duration

	MailTrust *tls.Config // whom to trust as the mail server; nil for whom the machine trusts
}

// App is a running house.
type App struct {
	cfg     config.Config
	log     *slog.Logger
	db      *db.DB
	media   *media.Store
	index   *core.Indexer
	core    *core.Core
	api     *api.Server
	certs   *certs.Certs // nil without https
	http    *http.Server
	https   net.Listener // nil without https
	found   string       // the name that the home network is to find the house by, "" for none
	mdns    *mdns.Server // nil where the house is not to be found by a name
	jobs    *jobs.Runner
	long    *jobs.Runner       // for waveforms of long tracks
	slow    *jobs.Runner       // for what nobody waits for
	reading *jobs.Runner       // for imports
	stop    context.CancelFunc // ends what runs in the background
	running sync.WaitGroup

	at atomic.Pointer[net.Addr] // where it is served; nil before
}

// How long the parts of a shutdown may take. Together they stay under the five
// seconds after which service managers lose patience.
const (
	finishWithin = 3500 * time.Millisecond
	tidyEvery    = 5 * time.Minute
	playsEvery   = time.Second
	releaseEvery = 15 * time.Second

	// measureWithin is how long a long track may be measured: days of sound, on
	// a small machine that has other things to do.
	measureWithin = 12 * time.Hour

	// importWithin is how long a library may be read: weeks, from a slow disk.
	importWithin = 60 * 24 * time.Hour

	dbName = "earshot.db"
)

// Open opens the house's data and builds everything over it. Nothing listens
// yet. Its errors are sentences for whoever starts it.
func Open(o Options) (*App, error) {
	o.Log = quietLog(o.Log)
	a := &App{cfg: o.Config, log: o.Log}
	if err := a.open(o); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(o Options) error {
	dir := a.cfg.Data
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return a.unwritable("the data folder "+dir, err)
	}
	var err error
	a.db, err = db.Open(filepath.Join(dir, dbName), db.Options{Log: a.log, Now: o.Now})
	if err != nil {
		return a.explain(err)
	}
	if a.db.Fresh() {
		a.log.Info("a new, empty database was made", "folder", dir)
	}
	a.media, err = media.OpenStore(filepath.Join(dir, "media"), media.StoreOptions{Log: a.log, Where: core.Where(a.db)})
	if err != nil {
		return a.unwritable("the folder "+filepath.Join(dir, "media"), err)
	}
	a.makeMDNS()
	if err := a.openCerts(o.Now); err != nil {
		return err
	}
	ctx := context.Background()
	var signing, sealing, attempts []byte
	err = a.db.Update(ctx, func(tx *db.Tx) (err error) {
		if signing, err = tx.Secret("tokens", 32); err != nil {
			return err
		}
		if sealing, err = tx.Secret("cursors", 32); err != nil {
			return err
		}
		attempts, err = tx.Secret("attempts", 32)
		return err
	})
	if err != nil {
		return a.explain(err)
	}
	tokens, err1 := auth.NewTokens(signing, o.Now)
	sealer, err2 := auth.NewSealer(sealing)
	hasher, err3 := auth.NewHasher(auth.HasherOptions{Cost: o.HashCost})
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if a.index, err = core.NewIndexer(ctx, a.db, filepath.Join(dir, indexDir), a.log); err != nil {
		return a.explain(err)
	}
	a.core = core.New(core.Options{
		Indexer: a.index,
		OpenID:  issuers(o),
		DB:      a.db, Media: a.media, Pictures: picture.NewMaker(a.cfg.MaxPicture).Within(pictureMemory()), Hasher: hasher, Tokens: tokens, Sealer: sealer,
		Machine: a.machine(),
		Proxy:   core.Proxy{On: a.cfg.ProxySignIn.Header != "", Create: a.cfg.ProxySignIn.Create},
		Limits:  core.Limits{Upload: a.cfg.MaxUpload, Picture: a.cfg.MaxPicture}, Attempts: attempts, Log: a.log, Now: o.Now, Pace: o.Pace,
		Mail: mailer(a.cfg.SMTP, o.MailTrust), Public: a.cfg.PublicURL,
		Scrobbling: core.Scrobbling{Servers: a.cfg.Scrobbling.Servers, Client: listenbrainz.New(o.Version)},
		Backups:    a.backupRules(), Quietly: jobs.Quietly, Rest: o.Quiet,
	})
	if err := a.core.LoadAttempts(ctx); err != nil {
		a.log.Warn("what was counted of attempts before can't be read", "error", err)
	}
	if err := a.core.Sweep(ctx); err != nil {
		a.log.Warn("what a crash left behind can't be swept away", "error", err)
	}
	a.makeLanes(o.Now)
	a.core.OnSite(a.site(o.Version))
	pages, err := ui.New(ui.Options{Dir: o.UIFolder, Base: a.cfg.Base()})
	if err != nil {
		return fmt.Errorf("the browser app can't be read: %w", err)
	}
	a.api, err = api.New(api.Options{
		Core: a.core, UI: pages, Log: a.log, Version: o.Version, Trusted: a.cfg.TrustedProxies,
		Public: a.cfg.PublicURL, Signer: a.cfg.ProxySignIn.Header, Metrics: a.metrics(o.Version), TLS: a.tls(), Pace: o.Pace, Unlimited: o.Unlimited,
	})
	if err != nil {
		return err
	}
	a.api.Speak(subsonic.Prefix, subsonic.New(subsonic.Options{Core: a.core, House: a.api, Log: a.log}))
	a.http = &http.Server{
		Handler:           a.api.Handler(),
		ConnContext:       api.ConnContext,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.secure()
	a.http.RegisterOnShutdown(a.api.Close)
	background, stop := context.WithCancel(ctx)
	a.stop = stop
	for _, r := range a.lanes() {
		r.Start()
	}
	a.running.Go(func() { a.countOrphans(background) })
	a.running.Go(func() { a.forget(background) })
	a.running.Go(func() { a.watchLibraries(background, o.Quiet) })
	a.running.Go(func() { a.finishUploads(background) })
	os.Remove(filepath.Join(dir, indexDir, askedName)) // of a command that did not wait
	a.running.Go(func() { a.followIndex(background) })
	a.running.Go(func() { a.sendMails(background) })
	a.running.Go(func() { a.tellListens(background) })
	a.running.Go(func() { _ = a.guarded(background, a.core.MeasureStorage) })
	a.every(background, askedEvery, askedEvery, a.reindexAsked)
	a.every(background, tidyEvery, tidyEvery, a.core.Tidy)
	a.every(background, playsEvery, playsEvery, a.core.WritePlays)
	a.every(background, playsEvery, playsEvery, a.core.WriteAttempts)
	a.every(background, 0, tidyEvery, a.core.EndDays)
	a.every(background, 0, releaseEvery, a.core.ReleaseDue)
	a.running.Go(func() {
		if err := a.guarded(background, func(ctx context.Context) error { a.core.KeepBackups(ctx); return nil }); err != nil {
			a.log.Error("no backups are made any more until the next start", "error", err)
		}
	})
	return nil
}

// issuers makes ready for those who else let people in. None is asked yet.
func issuers(o Options) (list []*openid.Provider) {
	for _, i := range o.Config.OpenID {
		list = append(list, openid.New(openid.Options{
			Name: i.Name, Title: i.Title, Issuer: i.Issuer, ClientID: i.ClientID, ClientSecret: i.ClientSecret, Audiences: i.Audiences,
			Now: o.Now, Pace: o.Pace,
		}))
	}
	return list
}

// analyse makes a track's waveform, and says when trying again is no use.
func (a *App) analyse(ctx context.Context, job db.Job, progress func(float64)) error {
	err := a.core.Analyse(ctx, job, progress)
	if errors.Is(err, core.ErrNoWaveform) {
		return jobs.Permanent(err)
	}
	return err
}

// makeLanes makes the runners of the queue's jobs, side by side so that what
// takes long holds up nothing else.
func (a *App) makeLanes(now func() time.Time) {
	soon := map[string]jobs.Do{core.JobAnalyse: a.analyse, core.JobLeave: a.leave, core.JobAnnounce: a.announce, core.JobRemoveLibrary: a.removeLibrary}
	long := map[string]jobs.Do{core.JobAnalyseLong: a.analyse}
	late := map[string]jobs.Do{core.JobMeasure: a.measure, core.JobRemeasure: a.remeasure, db.JobSum: a.sum, core.JobLate: a.core.Late}
	imports := map[string]jobs.Do{core.JobImport: a.core.RunImport}
	lane := func(do map[string]jobs.Do, o jobs.Options) *jobs.Runner {
		o.DB, o.Log, o.Now, o.OnFailure, o.Do = a.db, a.log, now, a.failed, do
		for _, other := range []map[string]jobs.Do{soon, long, late, imports} {
			o.Others = slices.AppendSeq(o.Others, maps.Keys(other))
		}
		return jobs.New(o)
	}
	a.jobs = lane(soon, jobs.Options{OnProgress: a.core.AnalyseProgress, Lower: a.core.Listening})
	a.long = lane(long, jobs.Options{OnProgress: a.core.AnalyseProgress, Lowest: true, Limit: measureWithin})
	a.slow = lane(late, jobs.Options{Lowest: true, Limit: measureWithin})
	a.reading = lane(imports, jobs.Options{Lowest: true, Limit: importWithin, Grace: 3 * time.Second})
	a.core.OnWork(func() {
		for _, r := range a.lanes() {
			r.Wake()
		}
	})
}

// lanes are the runners there are.
func (a *App) lanes() []*jobs.Runner {
	if a.jobs == nil {
		return nil
	}
	return []*jobs.Runner{a.jobs, a.long, a.slow, a.reading}
}

// measure decodes a track that was measured quickly only.
func (a *App) measure(ctx context.Context, job db.Job, _ func(float64)) error {
	err := a.core.Measure(ctx, job)
	if errors.Is(err, core.ErrNoWaveform) {
		return jobs.Permanent(err)
	}
	return err
}

// remeasure measures tracks from before tracks were measured.
func (a *App) remeasure(ctx context.Context, job db.Job, _ func(float64)) error {
	return a.core.Remeasure(ctx, job)
}

// sum finds out what tracks from before sound like.
func (a *App) sum(ctx context.Context, job db.Job, _ func(float64)) error {
	return a.core.SumSounds(ctx, job)
}

// removeLibrary removes a library with the tracks that are read in it.
func (a *App) removeLibrary(ctx context.Context, job db.Job, _ func(float64)) error {
	return a.core.RemoveFurther(ctx, job)
}

// leave deletes an account.
func (a *App) leave(ctx context.Context, job db.Job, _ func(float64)) error {
	return a.core.Leave(ctx, job)
}

// announce tells followers of a new track.
func (a *App) announce(ctx context.Context, job db.Job, _ func(float64)) error {
	return a.core.Announce(ctx, job)
}

// failed tells the rules that a job is given up.
func (a *App) failed(ctx context.Context, job db.Job, cause error) error {
	switch job.Kind {
	case core.JobAnalyse, core.JobAnalyseLong:
		return a.core.AnalyseFailed(ctx, job, cause)
	case core.JobMeasure:
		return a.core.MeasureFailed(ctx, job, cause)
	case core.JobRemeasure:
		return a.core.RemeasureFailed(ctx, job, cause)
	case core.JobLeave:
		return a.core.LeaveFailed(ctx, job, cause)
	case core.JobRemoveLibrary:
		return a.core.RemoveLibraryFailed(ctx, job, cause)
	case db.JobSum:
		return a.core.SumSoundsFailed(ctx, job, cause)
	case core.JobLate:
		return a.core.LateFailed(ctx, job, cause)
	case core.JobImport:
		return a.core.ImportFailed(ctx, job, cause)
	}
	return nil
}

// forgetAgain is how long forgetting rests when it went wrong.
const forgetAgain = time.Minute

// forget removes the traces of what is gone, now and whenever something went,
// until the house closes.
func (a *App) forget(ctx context.Context) {
	for {
		var again <-chan time.Time
		if err := a.guarded(ctx, a.core.Forget); err != nil && ctx.Err() == nil {
			a.log.Error("the traces of what is gone can't be removed yet", "error", err)
			again = time.After(forgetAgain)
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-a.core.Traces():
		}
	}
}

// finishUploads makes tracks of what came whole before the house closed or died.
func (a *App) finishUploads(ctx context.Context) {
	if err := a.guarded(ctx, a.core.FinishUploads); err != nil && ctx.Err() == nil {
		a.log.Error("uploads that came whole can't be finished now", "error", err)
	}
}

// countOrphans says whether there is audio that the database does not know:
// then it may not be the one that was meant.
func (a *App) countOrphans(ctx context.Context) {
	var n int
	err := a.guarded(ctx, func(ctx context.Context) (err error) {
		n, err = a.core.Orphans(ctx)
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.log.Warn("the audio folders can't be counted", "error", err)
	}
	if n > 0 {
		a.log.Warn("there is audio that the database knows nothing of; it is left alone. "+
			"If the database was replaced by an older copy, what came after that copy is missing", "tracks", n)
	}
}

// every does something after a first and then after each further pause, until
// the house closes.
func (a *App) every(ctx context.Context, first, pause time.Duration, do func(context.Context) error) {
	a.running.Go(func() {
		next := time.NewTimer(first)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
				next.Reset(pause)
			}
			if err := a.guarded(ctx, do); err != nil && ctx.Err() == nil {
				a.log.Error("work in the background went wrong", "error", err)
			}
		}
	})
}

// guarded makes an error of a panic.
func (a *App) guarded(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx)
}

// Core gives the rules, for tests and other surfaces.
func (a *App) Core() *core.Core { return a.core }

// Listen opens the address of the settings.
func Listen(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, err)
	}
	return ln, nil
}

// Serve answers on a listener until the context ends; then requests that are
// under way get a few seconds to end. It closes the house.
func (a *App) Serve(ctx context.Context, ln net.Listener) error {
	serving, end := context.WithCancel(ctx)
	defer end()
	address := ln.Addr()
	a.at.Store(&address)
	a.beFound(serving, address)
	failed := make(chan error, 2)
	a.running.Go(func() { failed <- a.http.Serve(ln) })
	if a.https != nil {
		a.running.Go(func() { failed <- a.http.ServeTLS(a.https, "", "") })
		a.running.Go(func() { a.certs.Run(serving) })
	}
	ignoreCommands := a.takeCommands(ln.Addr())
	a.notify("READY=1")
	a.watchdog(serving)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	end()
	a.notify("STOPPING=1")
	ignoreCommands()
	late, cancel := context.WithTimeout(context.Background(), finishWithin)
	defer cancel()
	if a.http.Shutdown(late) != nil {
		a.http.Close() // streams that play on for hours, uploads that have hours to go
	}
	return errors.Join(err, a.close())
}

// close ends the work and closes the data, in the reverse order of opening.
func (a *App) close() error {
	var lanes sync.WaitGroup
	for _, r := range a.lanes() {
		lanes.Go(r.Stop)
	}
	lanes.Wait()
	if a.stop != nil {
		a.stop()
	}
	if a.core != nil {
		a.core.EndChecks()
	}
	a.running.Wait()
	var errs []error
	if a.core != nil {
		errs = append(errs, a.core.FlushPlays(context.Background()), a.core.Tidy(context.Background()), a.core.FlushAttempts(context.Background()))
	}
	if a.index != nil {
		errs = append(errs, a.index.Close())
	}
	if a.media != nil {
		errs = append(errs, a.media.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}

// Close closes a house that was opened and never served.
func (a *App) Close() error { return a.close() }

// Greet prints where the house is to be found and, until it has its keeper,
// the link that makes the first account.
func (a *App) Greet(ctx context.Context, w io.Writer, at net.Addr) error {
	token, err := a.core.SetupToken(ctx)
	if err != nil {
		return err
	}
	local, phones := a.addresses(at)
	if found := a.foundAddress(at); found != "" {
		phones = slices.Insert(phones, min(len(phones), 1), found)
	}
	fmt.Fprintf(w, "Earshot is open.\n\n  on this machine   %s\n", local)
	for i, p := range phones {
		if label := "on your network   "; i == 0 {
			fmt.Fprintf(w, "  %s%s\n", label, p)
		} else {
			fmt.Fprintf(w, "  %s%s\n", strings.Repeat(" ", len(label)), p)
		}
	}
	if token != "" {
		fmt.Fprintf(w, "\nMake the first account, the keeper's, with this link. It works once, within the hour:\n\n  %s/setup#%s\n", local, token)
		if len(phones) > 0 {
			fmt.Fprintf(w, "  %s/setup#%s\n", phones[0], token)
			drawQR(w, phones[0]+"/setup#"+token)
		}
	}
	a.greetTrust(w, at)
	fmt.Fprintln(w, "\nPress Ctrl+C to close it.")
	return nil
}
