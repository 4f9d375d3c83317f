package browsertest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
)

// TestIssuersWithInvitesAndCodes: the page of an invite has the issuers too, and
// whoever comes back from one without being in finds the invite again; who
// connects an account by its password is asked for the code after it.
func TestIssuersWithInvitesAndCodes(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	issuer, token := signer(t)
	h := newHouse(t, func(o *app.Options) {
		o.Config.OpenID = []config.OpenID{{Name: "home", Title: "Home login", Issuer: issuer, ClientID: "earshot"}}
	})
	mina := h.joins("mina")
	h.do("PATCH", "/api/house", body(t, map[string]any{"sign_up": "invited"}), "application/json", http.StatusOK, nil)
	var made wire.MadeInvite
	h.do("POST", "/api/invites", body(t, wire.NewInvite{}), "application/json", http.StatusCreated, &made)
	_, invite, _ := strings.Cut(made.Link.URL, "#")

	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/invite#" + invite)
	w.do(see(`a.way`))
	if got := read[string](w, `document.querySelector('a.way').getAttribute('href')`); got != "/api/auth/openid/home/start?invite="+url.QueryEscape(invite) {
		t.Errorf("the button of the issuer leads to %q", got)
	}
	w.show(h.url + "/invite?error=openid.cancelled&provider=home")
	w.do(see(`a.way`), see(`.failure`), see(`form [name="email"]`), until(`location.search === ''`))
	w.picture("invite-came-back-phone", true)
	for _, fault := range w.faults("en", phone) {
		t.Errorf("the invite: %s", fault)
	}
	for _, barrier := range w.barriers(axe, true, false) {
		t.Errorf("the invite: axe: %s", barrier)
	}
	w.fine()

	var set wire.FactorSetup
	mina.do("POST", "/api/me/factor/begin", body(t, wire.Proof{Password: "another long one"}), "application/json", http.StatusOK, &set)
	mina.do("POST", "/api/me/factor/confirm", body(t, wire.FirstCode{Code: code(t, set.Key, 0)}), "application/json", http.StatusOK, nil)
	var refused wire.Error
	h.do("POST", "/api/auth/openid/home", body(t, wire.IDToken{IDToken: token("mina")}), "application/json", http.StatusConflict, &refused)
	other := openWindow(t, browser, look{url: h.url, locale: "en"})
	other.show(h.url + "/sign-in?next=/likes&provider=home#link=" + refused.Error.Ticket)
	other.do(see(`.door form [name="password"]`), fill("password", "another long one"), click(submit),
		finds(`h1`, "One more step"), tap(`button`, "Sign in another way"), finds(`h1`, "Welcome back"), see(`a.way`))
	h.do("POST", "/api/auth/openid/home", body(t, wire.IDToken{IDToken: token("mina")}), "application/json", http.StatusOK, nil) // connected
	again := openWindow(t, browser, look{url: h.url, locale: "en"})
	var in wire.SignedIn
	h.do("POST", "/api/auth/openid/home", body(t, wire.IDToken{IDToken: token("mina")}), "application/json", http.StatusOK, &in)
	again.show(h.url + "/sign-in?next=/likes#ticket=" + in.Ticket)
	again.do(finds(`h1`, "One more step"), until(`document.activeElement.name === 'code'`), press(code(t, set.Key, 30*time.Second)), until(`location.pathname === '/likes' && document.documentElement.hasAttribute('data-session')`))
	other.fine()
	again.fine()
}
