package media

import (
	"fmt"

	"earshot/media/peaks"
)

// peaksLimit is more bytes than the file of a waveform ever has.
const peaksLimit = 64 << 10

// PutPeaks keeps the waveform of a track.
func (s *Store) PutPeaks(id string, p *peaks.Peaks) error {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return fmt.Errorf("keep waveform: %w", err)
	}
	b, err := p.MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep waveform of %s: %w", id, err)
	}
	if err := s.put(dir, peaksName, b); err != nil {
		return err
	}
	return full(s.syncDir(dir))
}

// Peaks gives the waveform of a track. ErrMissing when there is none that can
// be read.
func (s *Store) Peaks(id string) (*peaks.Peaks, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return nil, err
	}
	b, err := s.read(dir, peaksName, peaksLimit)
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
