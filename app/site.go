package app

import (
	"path/filepath"
	"strconv"
	"strings"

	"earshot/app/core"
)

// site tells the rules what the program runs on, for the keeper's room.
func (a *App) site(version string) core.Site {
	return core.Site{
		Version: version,
		Backups: filepath.Join(a.cfg.Data, "backups"),
		Working: a.working,
		Addresses: func() []string {
			at := a.at.Load()
			if at == nil {
				return nil
			}
			if phones := a.phones(); len(phones) > 0 {
				return phones
			}
			local, _ := a.addresses(*at)
			return []string{local}
		},
		Fixed:       a.fixed(),
		BackupEvery: a.cfg.Backups.Every, BackupKeep: a.cfg.Backups.Keep,
		ScanEvery: a.cfg.Library.Scan,
	}
}

// working gives the jobs that run at this moment.
func (a *App) working() (list []core.Working) {
	for _, r := range a.lanes() {
		if job, share := r.Running(); job != 0 {
			list = append(list, core.Working{Job: job, Share: share})
		}
	}
	return list
}

// fixed lists settings that need a restart, with what keepers may want to know of
// them. Passwords, secrets and keys are never among them.
func (a *App) fixed() []core.Fixed {
	c := a.cfg
	var proxies, issuers []string
	for _, p := range c.TrustedProxies {
		proxies = append(proxies, p.String())
	}
	for _, i := range c.OpenID {
		issuers = append(issuers, i.Title)
	}
	megabytes := func(n int64) string { return strconv.FormatInt(n/1e6, 10) + "MB" }
	return []core.Fixed{
		{Key: "listen", Value: c.Listen},
		{Key: "data", Value: c.Data},
		{Key: "public_url", Value: c.PublicURL},
		{Key: "max_upload", Value: megabytes(c.MaxUpload)},
		{Key: "max_picture", Value: megabytes(c.MaxPicture)},
		{Key: "library.folders", Value: strings.Join(c.Library.Folders, ", ")},
		{Key: "scrobbling.servers", Value: strings.Join(c.Scrobbling.Servers, ", ")},
		{Key: "tls", Value: c.TLS},
		{Key: "trusted_proxies", Value: strings.Join(proxies, ", ")},
		{Key: "openid", Value: strings.Join(issuers, ", ")},
		{Key: "smtp.host", Value: c.SMTP.Host},
		{Key: "log.level", Value: c.Log.Level},
		{Key: "log.format", Value: c.Log.Format},
	}
}
