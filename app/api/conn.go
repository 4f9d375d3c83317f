package api

import (
	"context"
	"io"
	"net"
)

// sendBuffer is the room the kernel gets for what a listener has not taken
// yet, in bytes. Left to itself the kernel lets it grow to more than a
// megabyte for each slow listener; a small machine has about 96 MB for all.
const sendBuffer = 128 << 10

// connKey is the context's key of a plain connection's ReadFrom.
type connKey struct{}

// ConnContext tunes a new connection; it is made for http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	plain := c
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		plain = t.NetConn()
	}
	if t, ok := plain.(interface{ SetWriteBuffer(int) error }); ok {
		// A kernel that declines keeps its own size, which works too.
		_ = t.SetWriteBuffer(sendBuffer)
	}
	if rf, ok := c.(io.ReaderFrom); ok {
		ctx = context.WithValue(ctx, connKey{}, rf)
	}
	return ctx
}

// connOf gives the connection of a request, for files to be sent to; nil when
// it is encrypted or was not tuned.
func connOf(ctx context.Context) io.ReaderFrom {
	rf, _ := ctx.Value(connKey{}).(io.ReaderFrom)
	return rf
}
