package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

func (a *app) verifyCommand() *cobra.Command {
	var format string
	var repair bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Derive everything in the store anew, and report every fault",
		Long: `Open every version, check its bytes and its table against their digests, derive the
newest table, the lists of changes and the changelog anew, and report every file that is
not what it should be, with its remedy.

--repair first writes all derived files again from the versions' bytes, which are never
altered, and mends the records of checks and of refused bodies.

Exit status: 0 the store is whole, 2 it is not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if repair {
				if err := a.repair(cmd.Context()); err != nil {
					return err
				}
			}
			return a.verify(cmd.Context(), format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	cmd.Flags().BoolVar(&repair, "repair", false, "write all derived files again first")
	return cmd
}

// repair makes the derived files of the store anew.
func (a *app) repair(ctx context.Context) (err error) {
	if _, err := a.openStore(); err != nil {
		return err // there is nothing to repair, and opening for writing would start a store
	}
	s, err := a.openForWriting(ctx, 10*time.Second)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	show, clear := a.progress("deriving")
	defer clear()
	if err := s.Repair(); err != nil {
		return err
	}
	return sync.Rederive(ctx, a.registry, s, show)
}

func (a *app) verify(ctx context.Context, format string) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	faults, err := a.faults(ctx, s)
	if err != nil {
		return err
	}
	broken := 0
	for _, f := range faults {
		if !f.Note {
			broken++
		}
	}
	if err := a.writeFaults(s, faults, broken, format); err != nil {
		return err
	}
	if broken > 0 {
		return &failure{status: exitFailure}
	}
	return nil
}

// faults returns what is wrong with the versions, and with what is made from them.
func (a *app) faults(ctx context.Context, s *snapshots.Store) ([]snapshots.Fault, error) {
	show, clear := a.progress("verifying")
	defer clear()
	return s.Verify(ctx, snapshots.Options{
		Progress: func(done, total int) { show(int64(done), int64(total)) },
		Derived:  func(s *snapshots.Store) ([]snapshots.Fault, error) { return sync.CheckDerived(ctx, a.registry, s) },
	})
}

// faultJSON is a fault as JSON.
type faultJSON struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
	Note    bool   `json:"note,omitempty"`
}

func (a *app) writeFaults(s *snapshots.Store, faults []snapshots.Fault, broken int, format string) error {
	if format == "json" {
		list := make([]faultJSON, len(faults))
		for i, f := range faults {
			list[i] = faultJSON{f.File, f.Problem, fix(f), f.Note}
		}
		return a.writeJSON(map[string]any{"versions": len(s.Versions()), "whole": broken == 0, "faults": list})
	}
	for _, f := range faults {
		kind := ""
		if f.Note {
			kind = "note: "
		}
		fmt.Fprintf(a.stdout, "%s%s: %s\n  %s\n", kind, text.Visible(f.File), text.Visible(f.Problem), text.Visible(fix(f)))
	}
	if broken > 0 {
		_, err := fmt.Fprintf(a.stdout, "%s, %s\n", count(len(s.Versions()), "version"), count(broken, "fault"))
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%s, whole\n", count(len(s.Versions()), "version"))
	return err
}
