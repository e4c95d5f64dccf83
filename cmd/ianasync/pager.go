package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// paged runs write, whose output goes through a pager where standard output is a terminal. The pager is the value of
// IANASYNC_PAGER, else of PAGER, else less; there is none where that is cat, with --no-pager, on a dumb terminal, and
// where it cannot be started. It is started at the first byte, so errors without output need none. less gets the options of
// git's: it ends at once if the output fits on the screen, and passes colours on.
func (a *app) paged(write func() error) error {
	command := a.pager()
	if command == "" {
		return write()
	}
	p := &pager{command: command, terminal: a.stdout, getenv: a.getenv}
	plain := a.stdout
	a.stdout = p
	err := write()
	a.stdout = plain
	return errors.Join(err, p.close())
}

// pager returns the command of the pager; empty for none.
func (a *app) pager() string {
	if !a.terminal || a.noPager || a.dumb() {
		return ""
	}
	command := strings.TrimSpace(cmp.Or(a.getenv(envPrefix+"PAGER"), a.getenv("PAGER"), "less"))
	if command == "cat" {
		return ""
	}
	return command
}

// pager writes to a process, which it starts at the first write. Where that cannot be started, it writes to the terminal. After
// the process has ended, what is written is dropped.
type pager struct {
	command  string
	terminal io.Writer
	getenv   func(string) string

	process *exec.Cmd
	in      io.WriteCloser
	failed  bool // it could not be started
}

func (p *pager) Write(data []byte) (int, error) {
	if p.process == nil && !p.failed {
		p.start()
	}
	if p.failed {
		return p.terminal.Write(data)
	}
	if _, err := p.in.Write(data); err != nil && !isClosed(err) {
		return 0, err
	}
	return len(data), nil
}

func (p *pager) start() {
	cmd := exec.Command("sh", "-c", p.command) //nolint:noctx // it is the user's own command, and ends by itself
	if runtime.GOOS == "windows" {
		words := strings.Fields(p.command)
		cmd = exec.Command(words[0], words[1:]...) //nolint:noctx // likewise
	} else if first, _, _ := strings.Cut(p.command, " "); !strings.ContainsAny(first, "='\"$") {
		if _, err := exec.LookPath(first); err != nil { // sh would start, and find nothing
			p.failed = true
			return
		}
	}
	cmd.Stdout, cmd.Stderr, cmd.Env = p.terminal, os.Stderr, os.Environ()
	if p.getenv("LESS") == "" {
		cmd.Env = append(cmd.Env, "LESS=FRX")
	}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.failed = true
		return
	}
	p.process, p.in = cmd, in
}

// close waits until the pager has ended. Its exit status does not matter.
func (p *pager) close() error {
	if p.process == nil {
		return nil
	}
	if err := p.in.Close(); err != nil && !isClosed(err) {
		return err
	}
	if err := p.process.Wait(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			return err
		}
	}
	return nil
}

// isClosed reports whether an error is that of writing to a process that reads no more.
func isClosed(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed)
}
