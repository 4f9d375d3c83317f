package core

import (
	"context"
	"errors"
	"testing"
)

// TestCardsAreNotMadeForNobody: who left while others' cards were made does not
// have one made, and whoever stays gets theirs.
func TestCardsAreNotMadeForNobody(t *testing.T) {
	t.Parallel()
	c := &Core{cards: cards{turn: make(chan struct{}, 1)}}
	made := 0
	card := func(key byte) Card {
		return Card{key: cardKey{key}, make: func() ([]byte, error) { made++; return []byte{key}, nil }}
	}
	c.cards.turn <- struct{}{} // somebody's is being made
	left, leave := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := c.Draw(left, card(1))
		done <- err
	}()
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	<-c.cards.turn
	if _, err := c.Draw(left, card(1)); !errors.Is(err, context.Canceled) || made != 0 {
		t.Errorf("who left before their turn got %v; %d were made", err, made)
	}
	for range 2 {
		if jpg, err := c.Draw(t.Context(), card(2)); err != nil || len(jpg) != 1 || made != 1 {
			t.Errorf("who stayed got %d bytes, %v; %d were made", len(jpg), err, made)
		}
	}
}
