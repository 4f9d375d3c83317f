package browsertest

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// TestChoosingWhoHears gives a track to followers, then plans its release and
// cancels that again, and makes a playlist that opens by link. The follower
// finds the track, and the form shows each time what is so.
func TestChoosingWhoHears(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina, sora := h.joins("mina"), h.joins("sora")
	track := mina.song("Night train", 4, 1)
	sora.do("PUT", "/api/users/"+mina.who.ID+"/follow", nil, "", http.StatusOK, nil)
	now := func() (got wire.Track) {
		mina.do("GET", "/api/tracks/"+track.ID, nil, "", http.StatusOK, &got)
		return got
	}
	mina.sits(t, browser, phone, track.URL)
	edit := func() {
		mina.w.from(`.hero-tools .menu > button`, "Night train", "Edit")
		mina.w.do(see(`dialog .choice`))
	}
	save := func() { mina.w.do(tap(`dialog button.main`, "Save"), lacks(`dialog`, "")) }

	edit()
	mina.w.do(tap(`dialog .option`, "Your followers"), until(`!document.querySelector('dialog .reach-plan')`))
	mina.w.picture("reach-phone", false)
	save()
	mina.w.do(finds(`.reach-note`, "Only followers can see"))
	if got := now(); got.Visibility != "followers" {
		t.Errorf("the track is %s", got.Visibility)
	}
	sora.sits(t, browser, laptop, "/")
	sora.w.do(finds(`.card`, "Night train"), finds(`.card .chip`, "Followers"))
	sora.w.picture("reach-card", false)
	sora.w.show(h.url + track.URL)
	sora.w.do(finds(`.reach-note`, "Only followers can see"))

	edit()
	mina.w.do(tap(`dialog .option`, "Only you"), tap(`dialog .reach-plan .option`, "Release it at a set time"), see(`dialog [name=release]`),
		run(`document.querySelector('dialog [name=release]').value = ''`))
	mina.w.do(tap(`dialog button.main`, "Save"), finds(`dialog .wrong`, "Choose a day and a time"), until(`document.activeElement.name === 'release'`),
		run(`{
			const at = new Date(Date.now() + 3 * 864e5), two = (n) => String(n).padStart(2, '0');
			document.querySelector('dialog [name=release]').value = at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate()) + 'T21:30';
			document.querySelector('dialog [name=release_as]').value = 'followers';
		}`))
	for _, b := range append(mina.w.barriers(axe, true, false), mina.w.barriers(axe, true, true)...) {
		t.Errorf("the dialog: %s", b)
	}
	for _, size := range []screen{phone, laptop, small} {
		mina.w.size(size.width, size.height)
		mina.w.do(run(`document.querySelector('dialog .reach-plan').scrollIntoView({block: 'center', behavior: 'instant'})`))
		mina.w.picture("reach-plan-"+size.String(), false)
		for _, f := range mina.w.faults("en", size) {
			t.Errorf("the dialog at %s: %s", size, f)
		}
	}
	mina.w.size(phone.width, phone.height)
	save()
	mina.w.do(finds(`.reach-planned`, "Opens to your followers on"), finds(`.reach-note`, "Only you"))
	mina.w.picture("reach-note", false)
	if got := now(); got.Release == nil || got.Release.As != "followers" || got.Release.At.Before(time.Now().Add(2*24*time.Hour)) || got.Release.At.Second() != 0 {
		t.Errorf("planned: %+v", got.Release)
	}
	mina.w.show(h.url + "/you")
	edit2 := func() { mina.w.show(h.url + track.URL); edit() }
	edit2()
	mina.w.do(until(`document.querySelector('dialog [name=release]').value.endsWith('T21:30') && document.querySelector('dialog [name=release_as]').value === 'followers'`),
		tap(`dialog .reach-plan .option`, "Release it at a set time"), until(`!document.querySelector('dialog [name=release]')`))
	save()
	mina.w.do(lacks(`.reach-planned`, ""))
	if got := now(); got.Release != nil || got.Visibility != "private" {
		t.Errorf("cancelled: %s, %+v", got.Visibility, got.Release)
	}

	mina.w.size(laptop.width, laptop.height)
	mina.w.show(h.url + "/playlists")
	mina.w.do(tap(`button`, "New playlist"), tap(`dialog [name=title]`, ""), press("Rough mixes"), tap(`dialog .option`, "People with a secret link"),
		finds(`dialog .option`, "listed nowhere"))
	mina.w.picture("reach-playlist", false)
	mina.w.do(tap(`dialog button.main`, "Create"), finds(`.hero .chip`, "By link"))
	mina.w.fine()
	sora.w.fine()
}

// TestPlanningAnUpload keeps a file that arrives to oneself until a set time;
// what was chosen is still so after a look at another page.
func TestPlanningAnUpload(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	h := newHouse(t)
	mina := h.joins("mina")
	file := filepath.Join(t.TempDir(), "hallway.mp3")
	if err := os.WriteFile(file, music(4, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	mina.sits(t, browser, phone, "/upload")
	mina.w.do(chromedp.WaitReady(chromedp.CSS(`main input[type="file"]`)), chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"]`), []string{file}),
		finds(`.upload-card.done button`, "Publish"),
		tap(`.upload-card .option`, "Your followers"), finds(`.upload-card.done button.main`, "Publish"),
		tap(`.upload-card .option`, "People with a secret link"), finds(`.upload-card.done button.main`, "Save"),
		tap(`.upload-card .reach-plan .option`, "Release it at a set time"), finds(`.upload-card.done button.main`, "Save and release later"),
		click(`a[href="/"]`), until(`location.pathname === '/' && !document.querySelector('.upload-page')`), run(`history.back()`),
		finds(`.upload-card.done button.main`, "Save and release later"), until(`document.querySelector('.upload-card [value=link]').checked && document.querySelector('[name=release_on]').checked`))
	mina.w.picture("reach-upload", true)
	mina.w.do(tap(`.upload-card.done button.main`, "Save and release later"), finds(`.upload-saved .chip`, "opens by secret link"), finds(`.upload-saved .chip`, "Releases"))
	mina.w.picture("reach-uploaded", false)
	var list wire.List[wire.Track]
	mina.do("GET", "/api/me/tracks", nil, "", http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Visibility != "link" || list.Items[0].Release == nil || list.Items[0].Release.As != "public" {
		t.Errorf("the upload: %+v", list.Items)
	}
	mina.w.show(h.url + "/you")
	mina.w.fine()
}
