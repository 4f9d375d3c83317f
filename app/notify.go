package app

import (
	"context"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// notify tells the service manager how the house stands, where one listens
// (sd_notify(3)): a datagram to the socket that it named.
func (a *App) notify(state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if strings.HasPrefix(name, "@") { // an abstract one (unix(7))
		name = "\x00" + name[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err == nil {
		defer c.Close()
		_, err = c.Write([]byte(state))
	}
	if err != nil {
		a.log.Warn("the service manager can't be told how Earshot stands", "state", state, "error", err)
	}
}

// watchdogWithin is how long the house may take to show that it lives.
const watchdogWithin = 5 * time.Second

// watchdog tells the service manager that the house lives, as often as it wants
// to hear it, for as long as the database answers (sd_watchdog_enabled(3)).
func (a *App) watchdog(ctx context.Context) {
	every, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	pid := os.Getenv("WATCHDOG_PID")
	if err != nil || every < 1000 || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return
	}
	pause := time.Duration(every) * time.Microsecond / 2
	a.every(ctx, 0, pause, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, watchdogWithin)
		defer cancel()
		// A database that can't be read is no reason to be started anew; one that
		// does not answer is.
		a.core.Ready(ctx)
		a.notify("WATCHDOG=1")
		return nil
	})
}
