// Command ianasync keeps a versioned copy of IANA's registries, and says what changed in them. See README.md, or run it with
// --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/ianasync/ianasync/internal/text"
)

// The exit statuses, for programs that call this one.
const (
	exitDone        = 0
	exitDifferences = 1 // diff: the two differ
	exitUnknown     = 1 // lookup, log, versions --where: the registry has never had the subject
	exitFailure     = 2 // usage, or anything else that failed
	exitRefused     = 3 // the guard refused what the source answered
	exitUnreachable = 4 // the source is out of reach: try later
)

// world is what a command touches outside its arguments and the files they name.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	sleep          func(ctx context.Context, d time.Duration) error // until ctx is done at most
	terminal       bool                                             // whether stdout is one
	talkTerminal   bool                                             // whether stderr is one
}

func main() { os.Exit(realMain(processWorld())) }

// processWorld is the world that the process was started in.
func processWorld() *world {
	return &world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, sleep: sleep,
		terminal: term.IsTerminal(int(os.Stdout.Fd())), talkTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// realMain is main, less the exit and the world, so that tests of the command run it
// as it is.
func realMain(w *world) int {
	// An edition is a few MB of short-lived strings; collecting them at the usual
	// pace would take a third of the CPU of a command.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	return run(ctx, os.Args[1:], w)
}

// run runs one command line, reports its error on standard error, and returns the exit status.
func run(ctx context.Context, args []string, w *world) int {
	root := newRoot(w, args...)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case !errors.As(err, &f):
		f = &failure{err: err}
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		f.err = errInterrupted
	}
	if f.err != nil {
		talk(w.stderr, f.err.Error())
	}
	if hint := hintOf(f); hint != "" {
		talk(w.stderr, "hint: "+hint)
	}
	if f.status == exitDone {
		return exitFailure
	}
	return f.status
}

var errInterrupted = errors.New("interrupted; nothing that was stored is lost")

// talk writes messages for people, each line with the program's name before it.
func talk(to io.Writer, message string) {
	for line := range strings.SplitSeq(message, "\n") {
		fmt.Fprintf(to, "ianasync: %s\n", text.Visible(line))
	}
}

// failure is an error with what to do about it and the exit status it ends in. One
// without an error says nothing and only sets the status.
type failure struct {
	err    error
	hint   string
	status int // exitFailure if zero
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit status %d", f.status)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

func withHint(err error, format string, args ...any) error {
	return &failure{err: err, hint: fmt.Sprintf(format, args...)}
}
