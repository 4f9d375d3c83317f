module subsonicclient

go 1.26.0

require github.com/supersonic-app/go-subsonic v0.0.0-20260416152144-7a5f505a273c

require golang.org/x/image v0.47.0 // indirect
