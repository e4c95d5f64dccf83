package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lateReader is a standard input whose Read returns only some time after ctx is done.
type lateReader struct{ ctx context.Context }

func (r lateReader) Read(p []byte) (int, error) {
	<-r.ctx.Done()
	time.Sleep(time.Second)
	return copy(p, "late"), io.EOF
}

// TestStdinReadAfterCancel has a read that returns a second after readStdin did. The test outlasts it, so that the race
// detector sees all that the read's goroutine writes; only the cancellation, which precedes both, orders it and the caller.
func TestStdinReadAfterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		a := &app{world: &world{stdin: lateReader{ctx}}}
		start := time.Now()
		data, err := a.readStdin(ctx)
		if took := time.Since(start); data != nil || !errors.Is(err, context.Canceled) || took != time.Second {
			t.Errorf("readStdin = %q, %v after %s, want nothing, canceled, after 1s", data, err, took)
		}
		time.Sleep(2 * time.Second)
	})
}

func TestStdinReadToItsEnd(t *testing.T) {
	a := &app{world: &world{stdin: strings.NewReader("text")}}
	if data, err := a.readStdin(t.Context()); string(data) != "text" || err != nil {
		t.Errorf("readStdin = %q, %v", data, err)
	}
}
