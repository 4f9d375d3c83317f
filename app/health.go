package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"earshot/app/config"
)

// healthWithin is how long the house may take to say that it is there.
const healthWithin = 5 * time.Second

// Health asks the house on this machine whether it is there, as a container's
// check does, and prints its word.
func Health(ctx context.Context, c config.Config, w io.Writer) error {
	address, err := healthAddress(c.Listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return err
	}
	// No proxy of the environment stands between a machine and itself.
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("no Earshot answers at %s: %w", address, plain(err))
	}
	defer res.Body.Close()
	word, _ := io.ReadAll(io.LimitReader(res.Body, 100))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("what answers at %s says %s", address, res.Status)
	}
	fmt.Fprintln(w, strings.TrimSpace(string(word)))
	return nil
}

// healthAddress is where a house that listens on an address is asked from its
// own machine.
func healthAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if port == "0" {
		return "", errors.New("the port is chosen anew at each start (listen ends in :0); it can't be known from here")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		if host = "127.0.0.1"; ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port), nil
}
