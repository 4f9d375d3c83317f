package browsertest

import (
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
	"earshot/app/auth"
)

// code gives what an authenticator app shows for a key, so long from now.
func code(t *testing.T, key string, after time.Duration) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	c, err := auth.FactorCode(secret, time.Now().Add(after))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheSecondStep sets the second factor up, comes in by a code and by a
// recovery code, makes new ones and switches it off.
func TestTheSecondStep(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina := h.joins("mina")
	mina.sits(t, browser, phone, "/settings")
	w := mina.w
	looks := func(name string) {
		t.Helper()
		w.picture("security-"+name+"-phone", true)
		for _, fault := range w.faults("en", phone) {
			t.Errorf("%s: %s", name, fault)
		}
		for _, barrier := range w.barriers(axe, true, false) {
			t.Errorf("%s: axe: %s", name, barrier)
		}
	}
	w.do(finds(`.panel`, "You block nobody"), run(one(`.panel a`, "Sign-in and devices")+`.click()`), finds(`h1`, "Security"), finds(`.chip`, "Off"), finds(`.security-row`, "This device"), finds(`.security-row`, "By password"), finds(`.security-row`, "127.0.0.1"),
		finds(`.security-why`, "Passkeys need https"))
	looks("off")
	w.do(tap(`button`, "Set it up"), tap(`form button[type=submit]`, "Next"), finds(`.wrong`, "Enter your password"),
		tap(`[name=password]`, ""), press("not the right one"), enter, finds(`.wrong`, "password is wrong"),
		run(`document.querySelector('[name=password]').select()`), press("another long one"), enter, finds(`.security-key code`, ""),
		see(`.security-qr path`))
	looks("scan")
	key := read[string](w, `document.querySelector('.security-key code').textContent`)
	w.do(tap(`[name=code]`, ""), press("000000"), finds(`.wrong`, "This code is not right"),
		run(`document.querySelector('[name=code]').select()`), press(code(t, key, 0)), finds(`.security-codes`, ""), until(`document.activeElement.matches('h3')`))
	looks("codes")
	codes := read[[]string](w, `[...document.querySelectorAll('.security-codes code')].map((one) => one.textContent)`)
	if len(codes) != 10 {
		t.Fatalf("recovery codes %v", codes)
	}
	w.do(tap(`button`, "I have kept them"), finds(`.chip`, "On"), finds(`.security-left`, "10 recovery codes"))
	looks("on")

	// Somebody signs in elsewhere, by the app's next code and then by a recovery code.
	door := openWindow(t, browser, look{url: h.url, locale: "ko"})
	door.size(desktop.width, desktop.height)
	signIn := func() {
		t.Helper()
		door.show(h.url + "/sign-in?next=/settings/security")
		door.do(tap(`[name=email]`, ""), press("mina@home.example"), tap(`[name=password]`, ""), press("another long one"), enter,
			finds(`h1`, "한 단계 더"), until(`document.activeElement.name === 'code'`))
	}
	signIn()
	door.picture("second-desktop-ko", false)
	for _, fault := range door.faults("ko", desktop) {
		t.Errorf("the second step: %s", fault)
	}
	for _, barrier := range door.barriers(axe, true, false) {
		t.Errorf("the second step: axe: %s", barrier)
	}
	door.do(press("111111"), finds(`.wrong`, "코드가 맞지 않습니다"), run(`document.querySelector('[name=code]').select()`), press(code(t, key, 30*time.Second)),
		finds(`h1`, "보안"), until(`location.pathname === '/settings/security'`), finds(`.security-row`, "비밀번호로"))
	door.picture("security-desktop-ko", true)
	door.do(tap(`.panel button`, "모든 기기에서 로그아웃"), tap(`dialog .danger`, "모든 기기에서"), until(`location.pathname === '/sign-in'`))
	signIn()
	door.do(tap(`button`, "복구 코드 사용"), finds(`label`, "복구 코드"), until(`document.activeElement.name === 'code'`), press(codes[0]), enter, finds(`h1`, "보안"), finds(`.security-left`, "9개"))
	door.do(tap(`.panel button`, "새 복구 코드"), tap(`dialog [name=password]`, ""), press("another long one"), tap(`dialog [name=code]`, ""), press(codes[1]))
	door.picture("security-dialog-desktop-ko", false)
	door.do(enter, finds(`.security-codes`, ""))
	anew := read[[]string](door, `[...document.querySelectorAll('.security-codes code')].map((one) => one.textContent)`)
	door.do(tap(`button`, "보관했습니다"), tap(`.panel button`, "끄기"), tap(`dialog [name=password]`, ""), press("another long one"), tap(`dialog [name=code]`, ""), press(anew[0]), enter,
		finds(`.chip`, "꺼짐"), lacks(`dialog`, ""))
	door.fine("400", "401")
	w.fine("400", "401")

	// A ticket that comes in the fragment leads to the second step, and leaves no trace in the address.
	other := openWindow(t, browser, look{url: h.url, locale: "en"})
	other.size(phone.width, phone.height)
	other.show(h.url + "/sign-in#ticket=abc")
	other.do(finds(`h1`, "One more step"), until(`location.hash === ''`), press("123456"), finds(`.failure, .wrong`, "Sign in again"))
	other.picture("second-late-phone", false)
	other.do(tap(`button`, "Sign in another way"), finds(`h1`, "Welcome back"))
	other.fine("401")
}

// TestTheKeeperHelpsWhoLostTheirPhone: the second step goes from the list of
// accounts.
func TestTheKeeperHelpsWhoLostTheirPhone(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina := h.joins("mina")
	var set wire.FactorSetup
	mina.do("POST", "/api/me/factor/begin", body(t, wire.Proof{Password: "another long one"}), "application/json", http.StatusOK, &set)
	mina.do("POST", "/api/me/factor/confirm", body(t, wire.FirstCode{Code: code(t, set.Key, 0)}), "application/json", http.StatusOK, nil)
	keeper := &member{house: h}
	keeper.sits(t, browser, laptop, "/keeper/people")
	keeper.w.from(`.person-row .menu > button`, "mina", "Remove two-step")
	keeper.w.picture("keeper-factor-laptop", false)
	keeper.w.do(tap(`dialog [name=password]`, ""), press("correct horse battery"), enter, finds(`.toast`, "by password alone"), tap(`.person-row .menu > button`, "mina"), finds(`.menu-list`, "Suspend"), lacks(`.menu-list`, "two-step"))
	keeper.w.fine()
}

// TestPasskeysInTheBrowser adds a passkey on a device, comes in by it, and
// removes it.
func TestPasskeysInTheBrowser(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	h.url = strings.Replace(h.url, "127.0.0.1", "localhost", 1) // passkeys don't work at addresses
	mina := h.joins("mina")
	mina.sits(t, browser, phone, "/settings/security")
	w := mina.w
	_, err := chromedp.Call(w.tab, webauthn.Enable, webauthn.EnableParams{})
	var device webauthn.AddVirtualAuthenticatorResult
	if err == nil {
		device, err = chromedp.Call(w.tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	}
	if err != nil {
		t.Fatalf("plug an authenticator in: %v", err)
	}
	w.do(finds(`.panel`, "Passkeys"), tap(`.panel button`, "Add a passkey"), tap(`dialog [name=name]`, ""), press("My phone"), tap(`dialog [name=password]`, ""), press("another long one"))
	w.picture("passkey-add-phone", false)
	w.do(enter, finds(`.security-row`, "My phone"), finds(`.security-row`, "not used yet"), lacks(`dialog`, ""))
	// The same device does not make a second one.
	w.do(tap(`.panel button`, "Add a passkey"), tap(`dialog [name=password]`, ""), press("another long one"), enter, finds(`dialog .failure`, "has a passkey for your account already"), tap(`dialog button`, "Cancel"))
	w.picture("passkeys-phone", true)
	for _, fault := range w.faults("en", phone) {
		t.Error(fault)
	}
	for _, barrier := range w.barriers(axe, true, false) {
		t.Errorf("axe: %s", barrier)
	}
	given, err := chromedp.Call(w.tab, webauthn.GetCredentials, webauthn.GetCredentialsParams(device))
	if err != nil || len(given.Credentials) != 1 || !given.Credentials[0].IsResidentCredential || given.Credentials[0].RpID != "localhost" {
		t.Fatalf("on the device: %+v, %v", given, err)
	}

	// With a second factor on, the passkey alone is enough.
	var set wire.FactorSetup
	mina.do("POST", "/api/me/factor/begin", body(t, wire.Proof{Password: "another long one"}), "application/json", http.StatusOK, &set)
	mina.do("POST", "/api/me/factor/confirm", body(t, wire.FirstCode{Code: code(t, set.Key, 0)}), "application/json", http.StatusOK, nil)
	// While its user does not touch the device, nobody comes in by it.
	touched := func(is bool) {
		t.Helper()
		if _, err := chromedp.Call(w.tab, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: device.AuthenticatorID, Enabled: is}); err != nil {
			t.Fatal(err)
		}
	}
	touched(false)
	w.do(tap(`.panel button`, "Sign out everywhere"), tap(`dialog .danger`, "Sign out everywhere"), until(`location.pathname === '/sign-in'`))
	// The browser offers it in the field of the address, and this one's user picks it at once.
	touched(true)
	w.show(h.url + "/sign-in?next=/settings/security")
	w.do(finds(`h1`, "Security"), finds(`.security-row`, "By passkey"), finds(`.security-row`, "Last used"))
	touched(false)
	w.do(tap(`.panel button`, "Sign out everywhere"), tap(`dialog .danger`, "Sign out everywhere"), until(`location.pathname === '/sign-in'`))
	// Where the browser does not do that, there is the button.
	if _, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `PublicKeyCredential.isConditionalMediationAvailable = async () => false`,
	}); err != nil {
		t.Fatal(err)
	}
	w.show(h.url + "/sign-in?next=/settings/security")
	touched(true)
	w.do(finds(`.passkey-door button`, "Sign in with a passkey"))
	w.picture("sign-in-passkey-phone", true)
	for _, barrier := range w.barriers(axe, true, false) {
		t.Errorf("axe: %s", barrier)
	}
	// Nobody is let in whom the device does not know.
	verified := func(is bool) {
		t.Helper()
		if _, err := chromedp.Call(w.tab, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device.AuthenticatorID, IsUserVerified: is}); err != nil {
			t.Fatal(err)
		}
	}
	verified(false)
	w.do(tap(`.passkey-door button`, ""), finds(`.passkey-door .wrong`, "No passkey was used"))
	verified(true)
	w.do(tap(`.passkey-door button`, ""), finds(`h1`, "Security"), finds(`.security-row`, "By passkey"))

	// Renamed, and removed.
	w.do(tap(`.security-tools button`, "Rename My phone"), finds(`dialog h2`, "Rename"), tap(`dialog [name=name]`, ""), run(`document.querySelector('dialog [name=name]').select()`), press("Old phone"), enter, finds(`.security-row`, "Old phone"),
		tap(`.security-tools button`, "Remove Old phone"), tap(`dialog .danger`, "Remove"), lacks(`.security-row`, "Old phone"))
	w.fine("401")
}
