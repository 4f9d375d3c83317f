package core

import (
	"context"
	"time"

	"earshot/db"
)

// Site is what the rules are told of the program and the machine that it
// runs on, for the keeper's room. All of it may be left out.
type Site struct {
	Version   string
	Backups   string           // the folder of backups
	Working   func() []Working // the jobs that run at this moment
	Addresses func() []string  // where phones reach the house, the best first
	Fixed     []Fixed          // settings that need a restart

	BackupEvery time.Duration // as the settings say; 0 for none
	BackupKeep  int
	ScanEvery   time.Duration // between two looks at all libraries; 0 for none
}

// Working is a job that runs.
type Working struct {
	Job   db.ID
	Share float64 // how far it is, 0 to 1; 0 when it does not tell
}

// Fixed is a setting of the file, as it counts at this moment. None is secret.
type Fixed struct{ Key, Value string }

// OnSite tells what the program runs on. It must be called before the Core is
// used.
func (c *Core) OnSite(s Site) { c.site = s }

// Settings are what the keeper can change while the house is open, as it counts:
// where the keeper chose nothing, what the settings' file says.
type Settings struct {
	BackupEvery time.Duration // 0 for none
	BackupKeep  int
	ScanEvery   time.Duration                                     // 0 for none
	Chosen      struct{ BackupEvery, BackupKeep, ScanEvery bool } // by the keeper
	Fixed       []Fixed
}

// Settings gives the settings, for the keeper.
func (c *Core) Settings(ctx context.Context, me db.ID) (Settings, error) {
	var s Settings
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		h, err := tx.House()
		s = c.settings(h)
		return err
	})
	return s, err
}

func (c *Core) settings(h db.House) Settings {
	s := Settings{BackupEvery: c.site.BackupEvery, BackupKeep: c.site.BackupKeep, ScanEvery: c.site.ScanEvery, Fixed: c.site.Fixed}
	s.Chosen.BackupEvery = h.BackupEvery != 0
	if s.Chosen.BackupEvery {
		s.BackupEvery = time.Duration(max(h.BackupEvery, 0)) * time.Second
	}
	s.Chosen.ScanEvery = h.ScanEvery != 0
	if s.Chosen.ScanEvery {
		s.ScanEvery = time.Duration(max(h.ScanEvery, 0)) * time.Second
	}
	if s.Chosen.BackupKeep = h.BackupKeep != 0; s.Chosen.BackupKeep {
		s.BackupKeep = int(h.BackupKeep)
	}
	return s
}
