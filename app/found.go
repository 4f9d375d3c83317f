package app

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"earshot/app/mdns"
)

// makeMDNS prepares the name by which the home network finds the house. It is
// needed before anything listens: certificates are made for it.
func (a *App) makeMDNS() {
	if !a.cfg.MDNS.On {
		return
	}
	host, port, err := net.SplitHostPort(a.cfg.Listen)
	if ip := net.ParseIP(host); err != nil || host == "localhost" || ip != nil && ip.IsLoopback() || port == "" {
		return // nobody but this machine reaches it
	}
	a.found = a.cfg.MDNS.Name + ".local"
}

// foundAs is the name by which the home network finds the house, or will in a
// moment; "" for none.
func (a *App) foundAs() string {
	if a.mdns != nil {
		if name := a.mdns.Name(); name != "" {
			return name
		}
	}
	return a.found
}

// beFound answers to the name until the context ends, where others than this
// machine reach the listener.
func (a *App) beFound(ctx context.Context, at net.Addr) {
	tcp, ok := at.(*net.TCPAddr)
	if a.found == "" || !ok || tcp.IP.IsLoopback() {
		return
	}
	o := mdns.Options{
		Name: a.cfg.MDNS.Name, Port: tcp.Port, Path: a.cfg.Base() + "/", Log: a.log,
		Wanted: func(i net.Interface) bool { return i.Flags&net.FlagLoopback == 0 && !virtual(i.Name) },
	}
	if only, ok := netip.AddrFromSlice(tcp.IP); ok && !only.IsUnspecified() {
		o.Only = only.Unmap()
	}
	a.mdns = mdns.New(o)
	a.running.Go(func() { a.mdns.Run(ctx) })
}

// foundAddress is the address by the name; "" where there is none, or no network
// in which it would be found.
func (a *App) foundAddress(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if a.found == "" || !ok || tcp.IP.IsLoopback() {
		return ""
	}
	if _, phones := addresses("http", at, "", ""); len(phones) == 0 {
		return ""
	}
	scheme, port := "http", strconv.Itoa(tcp.Port)
	if a.https != nil {
		if a.certs.Authority() == nil {
			return "" // the certificate is for other names
		}
		scheme, port = "https", a.tlsPort()
	}
	return scheme + "://" + net.JoinHostPort(a.foundAs(), port) + a.cfg.Base()
}

// phones gives the addresses at which phones reach the house that is open.
func (a *App) phones() []string {
	at := a.at.Load()
	if at == nil {
		return nil
	}
	_, list := a.addresses(*at)
	if found := a.foundAddress(*at); found != "" {
		list = slices.Insert(list, min(len(list), 1), found)
	}
	return list
}
