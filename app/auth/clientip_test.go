package auth

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestClientIP(t *testing.T) {
	t.Parallel()
	nobody := []netip.Prefix(nil)
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	const xff = "X-Forwarded-For"
	tests := []struct {
		name    string
		remote  string
		headers map[string][]string
		trusted []netip.Prefix
		want    string // "" for none
	}{
		{"plain", "192.0.2.7:51000", nil, nobody, "192.0.2.7"},
		{"IPv6", "[2001:db8::1]:51000", nil, nobody, "2001:db8::1"},
		{"IPv6 with a zone", "[fe80::1%eth0]:51000", nil, nobody, "fe80::1"},
		{"IPv4 within IPv6", "[::ffff:192.0.2.7]:51000", nil, nobody, "192.0.2.7"},
		{"unix socket", "@", nil, proxy, ""},
		{"nothing", "", nil, proxy, ""},
		{"rubbish", "localhost:80", nil, proxy, ""},

		{"made up by a stranger", "192.0.2.7:1", map[string][]string{xff: {"198.51.100.1"}}, proxy, "192.0.2.7"},
		{"made up, nobody trusted", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1"}}, nobody, "127.0.0.1"},
		{"other headers are never read", "127.0.0.1:1", map[string][]string{
			"X-Real-Ip": {"198.51.100.1"}, "X-Real-IP": {"198.51.100.1"}, "Forwarded": {"for=198.51.100.1"}, "True-Client-IP": {"198.51.100.1"}, "CF-Connecting-IP": {"198.51.100.1"}, "X-Client-IP": {"198.51.100.1"},
		}, proxy, "127.0.0.1"},

		{"one proxy", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1"}}, proxy, "198.51.100.1"},
		{"one proxy, IPv6 client", "127.0.0.1:1", map[string][]string{xff: {"2001:db8::9"}}, proxy, "2001:db8::9"},
		{"proxy reached by IPv6 form", "[::ffff:127.0.0.1]:1", map[string][]string{xff: {"198.51.100.1"}}, proxy, "198.51.100.1"},
		{"client made some up", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1, 2.2.2.2, 198.51.100.1"}}, proxy, "198.51.100.1"},
		{"client made up a trusted one", "127.0.0.1:1", map[string][]string{xff: {"127.0.0.1, 198.51.100.1"}}, proxy, "198.51.100.1"},
		{"two proxies", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1, 198.51.100.1, 10.0.0.3"}}, proxy, "198.51.100.1"},
		{"proxy that adds its own line", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1", "198.51.100.1"}}, proxy, "198.51.100.1"},
		{"two proxies over two lines", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1", "198.51.100.1,fd00::3"}}, proxy, "198.51.100.1"},
		{"all trusted", "127.0.0.1:1", map[string][]string{xff: {"10.0.0.9, 10.0.0.3"}}, proxy, "10.0.0.9"},
		{"with ports", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1:4711"}}, proxy, "198.51.100.1"},
		{"with brackets", "127.0.0.1:1", map[string][]string{xff: {"[2001:db8::9]"}}, proxy, "2001:db8::9"},
		{"with brackets and port", "127.0.0.1:1", map[string][]string{xff: {"[2001:db8::9]:4711"}}, proxy, "2001:db8::9"},
		{"without spaces", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1,198.51.100.1"}}, proxy, "198.51.100.1"},
		{"with tabs", "127.0.0.1:1", map[string][]string{xff: {"1.1.1.1,\t198.51.100.1 "}}, proxy, "198.51.100.1"},
		{"with a zone", "127.0.0.1:1", map[string][]string{xff: {"fe80::1%x"}}, proxy, "fe80::1"},

		{"no header", "127.0.0.1:1", nil, proxy, "127.0.0.1"},
		{"empty header", "127.0.0.1:1", map[string][]string{xff: {""}}, proxy, "127.0.0.1"},
		{"no address", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1, unknown"}}, proxy, "127.0.0.1"},
		{"no address behind a trusted one", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1, _hidden, 10.0.0.3"}}, proxy, "10.0.0.3"},
		{"empty part", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1,,"}}, proxy, "127.0.0.1"},
		{"IPv4 in brackets", "127.0.0.1:1", map[string][]string{xff: {"[192.0.2.1]"}}, proxy, "127.0.0.1"},
		{"octal", "127.0.0.1:1", map[string][]string{xff: {"0177.0.0.1"}}, proxy, "127.0.0.1"},
		{"a number", "127.0.0.1:1", map[string][]string{xff: {"3232235521"}}, proxy, "127.0.0.1"},
		{"endless trusted ones", "127.0.0.1:1", map[string][]string{xff: {"198.51.100.1" + strings.Repeat(",10.0.0.3", 5000)}}, proxy, "10.0.0.3"},
		{"a million commas", "127.0.0.1:1", map[string][]string{xff: {strings.Repeat(",", 1_000_000)}}, proxy, "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ClientIP(tt.remote, func(name string) []string { return tt.headers[name] }, tt.trusted)
			want := netip.Addr{}
			if tt.want != "" {
				want = netip.MustParseAddr(tt.want)
			}
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "::1": "::/64",
	} {
		if got := network(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("network(%s): got %v, want %s", in, got, want)
		}
	}
	if got := network(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("network of no address: got %v", got)
	}
}

// Whatever a client writes into the header before a trusted proxy adds the
// client's address, the answer is what the proxy added.
func FuzzClientIP(f *testing.F) {
	f.Add("1.1.1.1, 2.2.2.2", "127.0.0.1:1")
	f.Add("[::1]:80,", "[::ffff:10.0.0.1]:1")
	f.Add("\x00,,,\"for=1.2.3.4\"", "@")
	f.Add("fe80::1%eth0,10.0.0.1", "[fe80::1%x]:1")
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, made, remote string) {
		const client = "198.51.100.1"
		for _, lines := range [][]string{{made + "," + client}, {made, client}, {made, client + ", 10.0.0.3"}} {
			if got := ClientIP("127.0.0.1:1", func(string) []string { return lines }, trusted); got.String() != client {
				t.Errorf("%q: got %v, want %s", lines, got, client)
			}
		}
		got := ClientIP(remote, func(string) []string { return []string{made} }, trusted)
		if got.Zone() != "" || got.Is4In6() {
			t.Errorf("ClientIP(%q) with %q: got %v", remote, made, got)
		}
		if peer := ClientIP(remote, func(string) []string { return nil }, nil); !within(peer, trusted) && got != peer {
			t.Errorf("ClientIP(%q) with %q: got %v, want the peer %v", remote, made, got, peer)
		}
		if n := network(got); got.IsValid() && !n.Contains(got) {
			t.Errorf("network(%v): got %v", got, n)
		}
	})
}

func TestDevice(t *testing.T) {
	t.Parallel()
	const (
		linux   = "Mozilla/5.0 (X11; Linux x86_64) "
		windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
		mac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
		android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) "
		iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
		webkit  = "AppleWebKit/537.36 (KHTML, like Gecko) "
	)
	tests := []struct{ agent, want string }{
		{"", ""},
		{windows + "Gecko/20100101 Firefox/128.0", "Firefox on Windows"},
		{linux + webkit + "Chrome/126.0.0.0 Safari/537.36", "Chrome on Linux"},
		{mac + webkit + "Version/17.5 Safari/605.1.15", "Safari on Mac"},
		{iphone + webkit + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"},
		{iphone + webkit + "CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"},
		{windows + webkit + "Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge on Windows"},
		{android + webkit + "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android"},
		{windows + webkit + "Chrome/126.0.0.0 Whale/3.26 Safari/537.36", "Whale on Windows"},
		{"curl/8.5.0", "curl/8.5.0"},
		{"python-requests/2.31 extra", "python-requests/2.31"},
		{"\x00\x1b[31mred\n", "[31mred"},
		{"<script>alert(1)</script>", "<script>alert(1)</script>"},
		{strings.Repeat("힣", 1000), strings.Repeat("힣", MaxDevice/3)},
		{"\xff\xfe", ""},
	}
	for _, tt := range tests {
		if got := Device(tt.agent); got != tt.want {
			t.Errorf("Device(%q): got %q, want %q", tt.agent, got, tt.want)
		}
	}
}

func BenchmarkClientIP(b *testing.B) {
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, lines := range [][]string{nil, {"1.1.1.1, 198.51.100.1"}, {strings.Repeat("127.0.0.1,", 3000)}} {
		b.Run(fmt.Sprint(len(strings.Join(lines, "")), " bytes"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ClientIP("127.0.0.1:51000", func(string) []string { return lines }, trusted)
			}
		})
	}
}
