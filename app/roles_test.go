package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

func TestKeepers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	role := func(by, who *person, role string) answer {
		t.Helper()
		return by.put(user(who, "role"), wire.RoleChange{Role: role, Password: password})
	}
	role(k, k, "member").fails(409, "role.last")
	k.put(user(mina, "role"), wire.RoleChange{Role: "keeper", Password: "stolen session"}).fails(400, "password.wrong")
	mina.get("/api/users").fails(403, "forbidden")
	role(mina, mina, "keeper").fails(403, "forbidden")
	if got := as[wire.Account](role(k, mina, "keeper")); !got.Keeper {
		t.Errorf("got %+v", got)
	}
	mina.get("/api/users").want(200) // at once
	open := k.listen("/api/events")  // let through what only a keeper hears of
	role(k, k, "member").want(200)
	late := time.After(10 * time.Second)
	for on := true; on; {
		select {
		case _, on = <-open.events:
		case <-late:
			t.Fatal("who is no keeper any more goes on hearing as one")
		}
	}
	k.get("/api/users").fails(403, "forbidden")
	role(mina, mina, "member").fails(409, "role.last")
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).fails(409, "delete.keeper")

	mina.put(user(k, "suspension"), nil).want(200)
	role(mina, k, "keeper").fails(409, "role.suspended")
	s := h.log.String()
	for _, want := range []string{"a role was changed", "by=" + k.me.ID, "keeper=true", "keeper=false"} {
		if !strings.Contains(s, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}
