package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
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
			if !cmd.Flags().Changed("registry") {
				a.wanted = "" // all
			}
			if repair {
				if err := a.repair(cmd.Context()); err != nil {
					return err
				}
			}
			return a.verify(cmd.Context(), format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	a.groupFlag(cmd)
	defaultAll(cmd)
	cmd.Flags().BoolVar(&repair, "repair", false, "write all derived files again first")
	return cmd
}

// repair makes the derived files of the store anew.
func (a *app) repair(ctx context.Context) (err error) {
	ids, err := a.toVerify() // where there is no store, opening it for writing would start one
	if err != nil {
		return err
	}
	if len(ids) == 1 {
		return a.repairGroup(ctx, ids[0], func(s *snapshots.Store, show func(done, total int64)) error {
			return sync.Rederive(ctx, s, show)
		})
	}
	all, whole := sync.NewSeveral(), ""
	for _, id := range ids {
		err := a.repairGroup(ctx, id, func(s *snapshots.Store, show func(done, total int64)) error { return all.Rederive(ctx, s, show) })
		if _, broken := errors.AsType[*snapshots.Fault](err); broken {
			continue // it is named when the store is verified
		}
		if err != nil {
			return err
		}
		whole = id
	}
	if whole == "" {
		return nil
	}
	s, err := a.openGroupForWriting(ctx, whole, repairPatience)
	if err != nil {
		return err
	}
	return errors.Join(all.WriteCommon(ctx, s), s.Close())
}

// repairPatience is how long a repair waits for another writer.
const repairPatience = 10 * time.Second

// toVerify returns the groups to verify: that which --registry selects, or all of the store.
func (a *app) toVerify() ([]string, error) {
	if a.wanted != "" {
		_, err := a.openStore()
		return []string{a.groupID()}, err
	}
	ids, err := snapshots.Groups(a.store)
	if err == nil && len(ids) == 0 {
		ids = []string{groups.ServiceNames} // for what is common to all groups
	}
	return ids, err
}

func (a *app) repairGroup(ctx context.Context, id string, derive func(s *snapshots.Store, show func(done, total int64)) error) (err error) {
	s, err := a.openGroupForWriting(ctx, id, repairPatience)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	show, clear := a.progress("deriving")
	defer clear()
	if err := s.Repair(); err != nil {
		return err
	}
	return derive(s, show)
}

func (a *app) verify(ctx context.Context, format string) error {
	ids, err := a.toVerify()
	if err != nil {
		return err
	}
	faults, versions, err := a.faultsOf(ctx, ids)
	if err != nil {
		return err
	}
	broken := 0
	for _, f := range faults {
		if !f.Note {
			broken++
		}
	}
	if err := a.writeFaults(versions, len(ids), faults, broken, format); err != nil {
		return err
	}
	if broken > 0 {
		return &failure{status: exitFailure}
	}
	return nil
}

// faultsOf returns what is wrong with the versions of groups and with what is made from them, and the number of versions.
func (a *app) faultsOf(ctx context.Context, ids []string) (faults []snapshots.Fault, versions int, err error) {
	check := func(s *snapshots.Store) ([]snapshots.Fault, error) { return sync.CheckDerived(ctx, s) }
	all := sync.NewSeveral()
	if len(ids) > 1 {
		check = func(s *snapshots.Store) ([]snapshots.Fault, error) { return all.Check(ctx, s) }
	}
	add := func(s *snapshots.Store, check func(*snapshots.Store) ([]snapshots.Fault, error)) error {
		more, err := a.faults(ctx, s, check)
		for _, f := range more {
			if !slices.Contains(faults, f) { // one of what is common to all groups
				faults = append(faults, f)
			}
		}
		return err
	}
	var least *snapshots.Store // of the groups whose versions are whole, that with the fewest
	for _, id := range ids {
		s, err := a.openGroup(id)
		if fault, broken := errors.AsType[*snapshots.Fault](err); broken && len(ids) > 1 {
			faults = append(faults, *fault)
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		err = add(s, func(now *snapshots.Store) ([]snapshots.Fault, error) {
			if least == nil || len(s.Versions()) < len(least.Versions()) {
				least = s
			}
			return check(now)
		})
		if err != nil {
			return nil, 0, err
		}
		versions += len(s.Versions())
	}
	if len(ids) > 1 && least != nil {
		err = add(least, func(s *snapshots.Store) ([]snapshots.Fault, error) { return all.CheckCommon(ctx, s) })
	}
	return faults, versions, err
}

// faults returns what is wrong with the versions of a group, and with what is made from them, as check finds it.
func (a *app) faults(ctx context.Context, s *snapshots.Store, check func(*snapshots.Store) ([]snapshots.Fault, error)) ([]snapshots.Fault, error) {
	show, clear := a.progress("verifying")
	defer clear()
	return s.Verify(ctx, snapshots.Options{Progress: func(done, total int) { show(int64(done), int64(total)) }, Derived: check})
}

// faultJSON is a fault as JSON.
type faultJSON struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
	Note    bool   `json:"note,omitempty"`
}

func (a *app) writeFaults(versions, inGroups int, faults []snapshots.Fault, broken int, format string) error {
	if format == "json" {
		list := make([]faultJSON, len(faults))
		for i, f := range faults {
			list[i] = faultJSON{f.File, f.Problem, fix(f), f.Note}
		}
		return a.writeJSON(map[string]any{"versions": versions, "whole": broken == 0, "faults": list})
	}
	for _, f := range faults {
		kind := ""
		if f.Note {
			kind = "note: "
		}
		fmt.Fprintf(a.stdout, "%s%s: %s\n  %s\n", kind, text.Visible(f.File), text.Visible(f.Problem), text.Visible(fix(f)))
	}
	what := count(versions, "version")
	if inGroups > 1 {
		what += " of " + count(inGroups, "group")
	}
	if broken > 0 {
		_, err := fmt.Fprintf(a.stdout, "%s, %s\n", what, count(broken, "fault"))
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%s, whole\n", what)
	return err
}
