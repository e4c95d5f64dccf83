package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/vendored"
	"github.com/ianasync/ianasync/snapshots"
)

// vendoredForms returns the description of the forms of tables of any registry for people, one on each line.
func vendoredForms() string {
	var b strings.Builder
	for _, f := range vendored.Forms {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Form, f.Summary)
	}
	return b.String()
}

// auditGroup compares a table in a file with a registry other than the service names, or with those of a group.
func (a *app) auditGroup(ctx context.Context, name string, f *auditFlags) error {
	switch {
	case f.allow != "":
		return errors.New("--allow is for the service names")
	case f.missing:
		return errors.New("--missing is for the service names")
	}
	data, err := a.readSource(ctx, name)
	if err != nil {
		return err
	}
	list, err := vendored.Parse(data)
	if err != nil {
		return withHint(fmt.Errorf("%s: %w", name, err), "'ianasync audit --help' lists the forms")
	}
	s, v, err := a.find(latest)
	if err != nil {
		return err
	}
	since, err := a.instant(s, f.since, false)
	if err != nil {
		return err
	}
	result, err := a.compareWithGroup(ctx, list, s, v)
	if err != nil {
		return err
	}
	result.Since(since)
	report := vendored.Report{File: filepath.ToSlash(name), Form: list.Form, Entries: len(list.Entries), Unnamed: list.Unnamed, Version: v.ID, Result: result}
	if err := a.writeVendored(&report, f.format); err != nil {
		return err
	}
	if len(result.Findings) > f.budget {
		return &failure{status: exitDifferences}
	}
	return nil
}

func (a *app) compareWithGroup(ctx context.Context, list *vendored.List, s *snapshots.Store, v snapshots.Version) (*vendored.Result, error) {
	data, err := s.Bytes(v)
	if err != nil {
		return nil, err
	}
	e, err := group(s.Registry()).Decode(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.ID, err)
	}
	tables, err := a.tables(e)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(tables))
	for i, t := range tables {
		ids[i] = t.Registry.ID
	}
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return vendored.Compare(list, past, e, ids)
}

func (a *app) writeVendored(report *vendored.Report, format string) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "text":
		err = render.VendoredText(&b, report, render.Options{Color: a.colored()})
	case "markdown":
		err = render.VendoredMarkdown(&b, report)
	default:
		return a.writeJSON(report.JSON())
	}
	return errors.Join(err, a.write(b.Bytes()))
}
