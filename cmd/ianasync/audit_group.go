package main

import (
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
	return f.end(len(result.Findings), writeReport(a, f.format, &report, report.JSON(), render.VendoredText, render.VendoredMarkdown))
}

func (a *app) compareWithGroup(ctx context.Context, list *vendored.List, s *snapshots.Store, v snapshots.Version) (*vendored.Result, error) {
	e, err := a.groupEdition(s, v)
	if err != nil {
		return nil, err
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
