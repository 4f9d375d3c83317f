package db

import "iter"

// AddNotification tells a user something. Each keeps so many; the oldest go.
func (tx *Tx) AddNotification(n Notification, keep int) error { panic("not yet") }

// Notifications yields what a user was told, newest first, before an id (0:
// from the newest). What they are about may be gone by now.
func (tx *Tx) Notifications(user, before ID) iter.Seq2[Notification, error] { panic("not yet") }

// NoticesSeen gives the newest notification that a user has seen; 0 for none.
func (tx *Tx) NoticesSeen(user ID) (ID, error) { panic("not yet") }

// SeeNotices notes that a user has seen all notifications up to one. It never
// goes back.
func (tx *Tx) SeeNotices(user, upTo ID) error { panic("not yet") }
