package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"earshot/db"
)

// addresses gives the address for this machine and those for phones in the
// house. Interfaces of containers and virtual machines are left out: no phone
// reaches them. All but the public one, which has it, get the base put after.
func addresses(scheme string, at net.Addr, public, base string) (local string, phones []string) {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return at.String(), nil
	}
	port := strconv.Itoa(tcp.Port)
	if public != "" {
		phones = append(phones, public)
	}
	if len(tcp.IP) > 0 && !tcp.IP.IsUnspecified() { // ":8080" has no address at all
		address := scheme + "://" + net.JoinHostPort(tcp.IP.String(), port) + base
		if tcp.IP.IsLoopback() {
			return address, phones
		}
		return address, append(phones, address)
	}
	local = scheme + "://localhost:" + port + base
	interfaces, err := net.Interfaces()
	if err != nil {
		return local, phones
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || virtual(i.Name) {
			continue
		}
		list, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range list {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
				phones = append(phones, scheme+"://"+net.JoinHostPort(n.IP.String(), port)+base)
			}
		}
	}
	return local, phones
}

func virtual(name string) bool {
	for _, p := range []string{"docker", "br-", "veth", "virbr", "cni", "flannel", "podman", "lxc", "tun", "tap"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// listenError says why an address can't be listened on.
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program, or another Earshot, already listens on %s; choose another port with -listen :8081", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s; choose a port above 1023 with -listen :8080", address)
	}
	return fmt.Errorf("listening on %s is not possible: %w", address, plain(err))
}

// explain says in a sentence why the data can't be opened.
func (a *App) explain(err error) error {
	dir := a.cfg.Data
	switch {
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("another Earshot is using the data in %s; stop it first, or choose another folder with -data", dir)
	case errors.Is(err, db.ErrNewer):
		return fmt.Errorf("the data in %s was written by a newer Earshot; start that version", dir)
	case errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrCorrupt):
		return fmt.Errorf("the database %s/earshot.db is damaged (%s)%s; \"%s\" keeps what can be read of it instead",
			dir, upTo(err.Error(), 300), goodBackup(context.Background(), a.cfg), command(a.cfg, "check", "-repair"))
	}
	return a.unwritable("the data in "+dir, err)
}

// unwritable says that something of the data can't be used, and how that is
// mended.
func (a *App) unwritable(what string, err error) error {
	switch {
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s can't be written to: its disk is mounted read-only; mount it for writing, or choose another folder with -data", what)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s can't be written to: it belongs to somebody else; give it to this user with chown -R, or choose another folder with -data", what)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, db.ErrFull):
		return fmt.Errorf("%s can't be opened: its disk is full; make some room there", what)
	}
	return fmt.Errorf("%s can't be opened: %w", what, plain(err))
}

// plain takes the name of the call off an error of the operating system.
func plain(err error) error {
	var no syscall.Errno
	if errors.As(err, &no) {
		return errors.New(no.Error())
	}
	return err
}
