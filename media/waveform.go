package media

import (
	"errors"
	"fmt"
	"io/fs"

	"earshot/media/peaks"
)

// How many bytes the files of waveforms may have. The fine one of 60 hours has
// three bytes in each of 2,160,000 columns.
const (
	peaksLimit = 64 << 10
	fineLimit  = 8 << 20
)

// PutPeaks keeps the waveform of a track, and the fine one if there is one; one
// that was there is dropped otherwise. They are on the disk to stay.
func (s *Store) PutPeaks(id string, p, fine *peaks.Peaks) error {
	return s.putPeaks(id, p, fine, true)
}

// DrawPeaks is PutPeaks for what can be made again from the sound: it waits for
// no disk. After a power cut it may be missing, which Peaks tells.
func (s *Store) DrawPeaks(id string, p, fine *peaks.Peaks) error {
	return s.putPeaks(id, p, fine, false)
}

func (s *Store) putPeaks(id string, p, fine *peaks.Peaks, lasting bool) error {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return fmt.Errorf("keep waveform: %w", err)
	}
	b, err := p.MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep waveform of %s: %w", id, err)
	}
	if fine == nil {
		if err := s.root.Load().Remove(dir + "/" + fineName); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("drop fine waveform of %s: %w", id, err)
		}
	} else {
		b, err := fine.MarshalBinary()
		if err != nil {
			return fmt.Errorf("keep fine waveform in %s: %w", dir, err)
		}
		if err := s.write(dir, fineName, b, lasting); err != nil {
			return err
		}
	}
	if err := s.write(dir, peaksName, b, lasting); err != nil || !lasting {
		return err
	}
	return full(s.syncDir(dir))
}

// Peaks gives the waveform of a track. ErrMissing when there is none that can
// be read.
func (s *Store) Peaks(id string) (*peaks.Peaks, error) { return s.peaks(id, peaksName, peaksLimit) }

// FinePeaks gives the waveform of a track with ten columns a second, as Peaks
// does.
func (s *Store) FinePeaks(id string) (*peaks.Peaks, error) { return s.peaks(id, fineName, fineLimit) }

func (s *Store) peaks(id, name string, limit int64) (*peaks.Peaks, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return nil, err
	}
	b, err := s.read(dir, name, limit)
	if err != nil {
		return nil, err
	}
	p := new(peaks.Peaks)
	if err := p.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("waveform of %s: %w: %w", id, err, ErrMissing)
	}
	return p, nil
}

// Overview gives the loudness of a track in few columns, for lists. It reads
// only the head of the waveform's file.
func (s *Store) Overview(id string) ([]byte, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return nil, err
	}
	f, _, err := s.open(dir, peaksName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := peaks.Overview(f)
	if err != nil {
		return nil, fmt.Errorf("waveform of %s: %w: %w", id, err, ErrMissing)
	}
	return b, nil
}

// Bare tells that there is no track's folder at all, as when the disk that they
// are on is not mounted.
func (s *Store) Bare() bool {
	s.remounted()
	f, err := s.root.Load().Open(tracksDir)
	if err != nil {
		return true
	}
	defer f.Close()
	names, _ := f.Readdirnames(1)
	return len(names) == 0
}
