// Package openid asks OpenID Connect issuers who somebody is: it sends people
// to an issuer and fetches the answer (authorization code with PKCE, OpenID
// Connect Core 1.0 section 3.1 and RFC 7636), and verifies ID tokens.
//
// It knows neither users nor sessions. It speaks with the issuers it is given
// and with nobody else, and not before somebody wants to come in by one.
package openid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	// ErrUnreachable means that the issuer did not answer as it should. Trying
	// again later may help.
	ErrUnreachable = errors.New("the issuer can't be reached")
	// ErrToken means that an ID token is not good.
	ErrToken = errors.New("the ID token is not valid")
	// ErrRefused means that the issuer refused the code that somebody brought.
	ErrRefused = errors.New("the issuer refused")
)

// Options are what a Provider is made of. Now and Pace may be nil.
type Options struct {
	Name         string   // in addresses
	Title        string   // as people are shown it
	Issuer       string   // https, or http on this machine
	ClientID     string   // what the issuer calls us
	ClientSecret string   // "" for a public client
	Audiences    []string // the client ids of apps whose ID tokens Verify takes too

	Now  func() time.Time     // the clock that tokens are held against
	Pace func() time.Duration // a clock that never jumps
}

// Provider is one issuer. It is safe for concurrent use.
type Provider struct {
	o      Options
	client *http.Client

	mu     sync.Mutex
	meta   *metadata // what the issuer tells of itself; nil until it was asked
	failed time.Time // when asking it came to nothing
	why    error

	fetches fetches
}

// metadata is what an issuer tells of itself (OpenID Connect Discovery 1.0).
type metadata struct {
	provider *oidc.Provider
	keys     *oidc.RemoteKeySet
	keysAt   string
	oauth    oauth2.Config
	userInfo bool
	says     bool // it names itself in its answers (RFC 9207)
}

// New makes a provider. Nothing is asked of the issuer yet.
func New(o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pace == nil {
		begin := time.Now()
		o.Pace = func() time.Duration { return time.Since(begin) }
	}
	p := &Provider{o: o}
	p.client = newClient(p)
	return p
}

// Name gives the provider's name in addresses.
func (p *Provider) Name() string { return p.o.Name }

// Title gives the provider's name for people.
func (p *Provider) Title() string { return p.o.Title }

// Issuer gives the address that the issuer calls itself by.
func (p *Provider) Issuer() string { return p.o.Issuer }

// discover asks the issuer about itself, once; after a failure anew.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	came := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.meta != nil {
		return p.meta, nil
	}
	// Those who waited meanwhile are told the same, instead of asking anew.
	if p.why != nil && p.failed.After(came) {
		return nil, p.why
	}
	m, err := p.ask(ctx)
	p.meta, p.why, p.failed = m, err, time.Now()
	return m, err
}

func (p *Provider) ask(ctx context.Context) (*metadata, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	provider, err := oidc.NewProvider(ctx, p.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	var more struct {
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		UserInfo      string   `json:"userinfo_endpoint"`
		Keys          string   `json:"jwks_uri"`
		Methods       []string `json:"token_endpoint_auth_methods_supported"`
		Says          bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	named := []string{more.Authorization, more.Token, more.Keys}
	if more.UserInfo != "" {
		named = append(named, more.UserInfo)
	}
	for _, address := range named {
		if !p.trusts(address) {
			return nil, fmt.Errorf("%w: it names the address %q, which is not safe to use", ErrUnreachable, address)
		}
	}
	m := &metadata{provider: provider, keys: oidc.NewRemoteKeySet(ctx, more.Keys), keysAt: more.Keys, userInfo: more.UserInfo != "", says: more.Says}
	m.oauth = oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
	// Said, not found out by trying: that would spend the code.
	m.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if p.o.ClientSecret == "" || len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		m.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.fetches.at(more.Keys)
	return m, nil
}

// trusts tells whether an address that the issuer names may be asked: over
// https, or on this very machine where the issuer itself is on it.
func (p *Provider) trusts(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	own, err := url.Parse(p.o.Issuer)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" && own.Scheme == "http" && loopback(u.Hostname()))
}

// loopback tells whether a host is this machine by its very name.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Trip is what has to be kept while somebody is at the issuer, where nobody
// else can read or change it.
type Trip struct {
	State    string // comes back in the address
	Nonce    string // comes back in the ID token
	Verifier string // proves that who fetches the token is who asked (RFC 7636)
	Callback string // the address to which the issuer sends people back
}

// Start gives the address at the issuer to which somebody is to be sent.
func (p *Provider) Start(ctx context.Context, t Trip) (string, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	oauth := m.oauth
	oauth.RedirectURL = t.Callback
	return oauth.AuthCodeURL(t.State, oauth2.S256ChallengeOption(t.Verifier), oidc.Nonce(t.Nonce)), nil
}

// NewVerifier makes a verifier for a Trip.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// Finish fetches and verifies the ID token for the code that somebody brought
// back. issuer is what the answer's iss parameter says; it may be empty where
// the issuer does not send one.
func (p *Provider) Finish(ctx context.Context, t Trip, code, issuer string) (Claims, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return Claims{}, err
	}
	if (issuer != "" || m.says) && issuer != p.o.Issuer {
		return Claims{}, fmt.Errorf("%w: the answer is of the issuer %.100q", ErrToken, issuer)
	}
	oauth := m.oauth
	oauth.RedirectURL = t.Callback
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := oauth.Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		var answer *oauth2.RetrieveError
		if errors.As(err, &answer) && answer.Response.StatusCode < 500 {
			return Claims{}, fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return Claims{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	raw, _ := token.Extra("id_token").(string)
	claims, err := p.verify(ctx, raw, []string{p.o.ClientID}, &t.Nonce)
	if err != nil || claims.Email != "" || !m.userInfo {
		return claims, err
	}
	// Some issuers tell the address there only (Core section 5.4).
	info, err := m.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	var more map[string]json.RawMessage
	if err := info.Claims(&more); err != nil || info.Subject != claims.Subject {
		return Claims{}, fmt.Errorf("%w: what the issuer tells is of somebody else", ErrToken)
	}
	claims.person(more)
	return claims, nil
}

// Verify verifies an ID token that a client got by itself. A nonce, where one
// is given, has to be in it.
func (p *Provider) Verify(ctx context.Context, idToken, nonce string) (Claims, error) {
	var want *string
	if nonce != "" {
		want = &nonce
	}
	return p.verify(ctx, idToken, append([]string{p.o.ClientID}, p.o.Audiences...), want)
}
