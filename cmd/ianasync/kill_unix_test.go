//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// ownGroup gives a command a process group of its own, for [waitGroup].
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// waitGroup waits until what a command that was killed had started has ended, too: a git push to a remote on this machine runs
// the remote's own git, which no kill of a client reaches in real life. What nobody reaps is not waited for for ever.
func waitGroup(cmd *exec.Cmd) {
	for range 1000 {
		if syscall.Kill(-cmd.Process.Pid, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
