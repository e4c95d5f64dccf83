// Package sockets lists the sockets of this machine that accept connections or datagrams: TCP sockets that listen, and
// UDP sockets that are bound and not connected. The process that holds a socket is known only where the operating system
// lets this user see it.
package sockets

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"syscall"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/ianasync/ianasync/registry/ports"
)

// Socket is a socket of this machine that accepts connections or datagrams.
type Socket struct {
	Port      uint16          `json:"port"`
	Transport ports.Transport `json:"transport"` // tcp or udp
	Address   string          `json:"address"`   // the address that it is bound to: "0.0.0.0", "::", "127.0.0.1"
	PID       int32           `json:"pid"`       // of its process; 0 if this user may not see it
	Process   string          `json:"process"`   // name of its process; empty if this user may not see it
}

// On returns the sockets of this machine in order of their ports. If ports are given, it returns those on these ports
// only. The error is the operating system's.
func On(ctx context.Context, numbers ...uint16) ([]Socket, error) {
	all, err := net.ConnectionsWithoutUidsWithContext(ctx, "inet")
	if err != nil {
		return nil, fmt.Errorf("listing the sockets of this machine: %w", err)
	}
	found := []Socket{}
	for i := range all {
		l, accepts := socket(&all[i])
		if accepts && (len(numbers) == 0 || slices.Contains(numbers, l.Port)) {
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

// socket converts a socket, and reports whether it accepts connections or datagrams.
func socket(c *net.ConnectionStat) (Socket, bool) {
	l := Socket{Port: uint16(c.Laddr.Port), Address: c.Laddr.IP, PID: c.Pid}
	switch c.Type {
	case syscall.SOCK_STREAM:
		l.Transport = ports.TCP
		return l, c.Status == "LISTEN"
	case syscall.SOCK_DGRAM:
		l.Transport = ports.UDP
		return l, c.Raddr.Port == 0 && l.Port != 0
	}
	return l, false
}

// name returns the name of a process; empty if the process has ended or this user may not see it.
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

func compare(a, b Socket) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.Address, b.Address), cmp.Compare(a.PID, b.PID))
}
