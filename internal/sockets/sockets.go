// Package sockets lists the sockets of this machine that accept traffic: TCP sockets that listen, UDP sockets that
// are bound and not connected. The operating system hides the processes of other users from a user without the right to
// see them.
package sockets

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"syscall"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/registry"
)

// On returns the listeners of this machine, in order of their ports; given ports, those on these alone. The
// error is the operating system's.
func On(ctx context.Context, ports ...uint16) ([]audit.Listener, error) {
	sockets, err := net.ConnectionsWithoutUidsWithContext(ctx, "inet")
	if err != nil {
		return nil, fmt.Errorf("listing the sockets of this machine: %w", err)
	}
	found := []audit.Listener{}
	for i := range sockets {
		l, waits := listener(&sockets[i])
		if waits && (len(ports) == 0 || slices.Contains(ports, l.Port)) {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, compare)
	found = slices.Compact(found) // a socket that several threads or forks hold
	names := make(map[int32]string)
	for i := range found {
		found[i].Process = name(ctx, found[i].PID, names)
	}
	return found, nil
}

// listener converts a socket, and reports whether it accepts traffic.
func listener(c *net.ConnectionStat) (audit.Listener, bool) {
	l := audit.Listener{Port: uint16(c.Laddr.Port), Address: c.Laddr.IP, PID: c.Pid}
	switch c.Type {
	case syscall.SOCK_STREAM:
		l.Transport = registry.TCP
		return l, c.Status == "LISTEN"
	case syscall.SOCK_DGRAM:
		l.Transport = registry.UDP
		return l, c.Raddr.Port == 0 && l.Port != 0
	}
	return l, false
}

// name returns the name of a process; empty if the process has ended or is hidden from this user.
func name(ctx context.Context, pid int32, known map[int32]string) string {
	if pid == 0 {
		return ""
	}
	if n, found := known[pid]; found {
		return n
	}
	if p, err := process.NewProcessWithContext(ctx, pid); err == nil {
		known[pid], _ = p.NameWithContext(ctx)
	}
	return known[pid]
}

func compare(a, b audit.Listener) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.Address, b.Address), cmp.Compare(a.PID, b.PID))
}
