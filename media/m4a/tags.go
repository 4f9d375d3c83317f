package m4a

import (
	"io"
	"strconv"
	"strings"
)

// Tags says where the file's list of tags stands (the content of the ilst box,
// as iTunes writes it): n is 0 where there is none. All errors are those of r.
func Tags(r io.ReaderAt, size int64) (off, n int64, err error) {
	f := &file{r: r, size: size}
	moov, ok, err := f.find(box{end: size}, 0, "moov")
	if err != nil || !ok {
		return 0, 0, err
	}
	ilst, ok, err := f.ilst(moov)
	if err == nil && !ok {
		var udta box
		if udta, ok, err = f.find(moov, 0, "udta"); err == nil && ok {
			ilst, ok, err = f.ilst(udta)
		}
	}
	if err != nil || !ok {
		return 0, 0, err
	}
	return ilst.off, ilst.len(), nil
}

// ilst finds the list of tags in a box's meta.
func (f *file) ilst(in box) (box, bool, error) {
	meta, ok, err := f.find(in, 0, "meta")
	if err != nil || !ok {
		return box{}, false, err
	}
	skip, err := f.metaSkip(meta)
	if err != nil {
		return box{}, false, err
	}
	return f.find(meta, skip, "ilst")
}

// gapless reads iTunes' note of how many samples the encoder put before the
// sound, and how many of it there are: " 00000000 00000840 000001CA
// 00000000003F31F6 …" under the name iTunSMPB.
func (f *file) gapless(m *movie, udta box) error {
	ilst, ok, err := f.ilst(udta)
	if err != nil || !ok {
		return err
	}
	return f.children(ilst, 0, func(b box) error {
		if b.kind != "----" {
			return nil
		}
		name, ok, err := f.find(b, 0, "name")
		if err != nil || !ok || name.len() != 4+8 {
			return err
		}
		h, err := f.at(name.off+4, 8)
		if err != nil || string(h) != "iTunSMPB" {
			return err
		}
		data, ok, err := f.find(b, 0, "data")
		if err != nil || !ok {
			return err
		}
		h, err = f.at(data.off+min(8, data.len()), int(min(200, max(0, data.len()-8))))
		fields := strings.Fields(string(h))
		if err != nil || len(fields) < 4 {
			return err
		}
		priming, err1 := strconv.ParseInt(fields[1], 16, 64)
		heard, err2 := strconv.ParseInt(fields[3], 16, 64)
		if err1 == nil && err2 == nil && priming >= 0 && priming < maxPriming && heard > 0 && heard < maxMedia {
			m.priming, m.heard = priming, heard
		}
		return nil
	})
}
