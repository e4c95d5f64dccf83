package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/registry"
)

func (a *app) exportCommand() *cobra.Command {
	var format, at, output string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a version out",
		Long: `Write a version out:

  csv   its table as canonical CSV: IANA's present header, one order, LF, white space
        folded; equal tables give equal bytes
  json  its table as JSON, each record an object of all twelve columns
  raw   the bytes exactly as they were served`,
		Example: `  ianasync export -o ports.csv
  ianasync export --format raw --at 2019-01-01 | sha256sum`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := a.export(cmd.Context(), format, at)
			if err != nil {
				return err
			}
			if output == "" || output == "-" {
				return a.write(data)
			}
			return writeFile(output, data)
		},
	}
	formatFlag(cmd, &format, "csv", "json", "raw")
	cmd.Flags().StringVar(&at, "at", "latest", "the version to write")
	cmd.Flags().StringVarP(&output, "output", "o", "", "the file to write, in one go; - for standard output")
	return cmd
}

// writeFile writes a file in one go, through links. What is there and is no file, a
// device or a pipe, is written to and not replaced.
func writeFile(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, data, 0o644) // it exists; the mode is of no use
	}
	return atomicfile.Write(name, data)
}

func (a *app) export(ctx context.Context, format, at string) ([]byte, error) {
	e, err := a.open(ctx, at)
	if err != nil {
		return nil, err
	}
	if format == "raw" {
		return e.data, nil
	}
	rows, err := e.rows()
	if err != nil {
		return nil, err
	}
	table, err := rows.Table()
	if err != nil {
		return nil, err
	}
	a.warn(e.id, table)
	if format == "csv" {
		return table.CSV(), nil
	}
	return a.tableJSON(e, table)
}

// tableJSON is a table as JSON, a record a line.
func (a *app) tableJSON(e *edition, t *registry.Table) ([]byte, error) {
	head := struct {
		Registry    string `json:"registry"`
		Title       string `json:"title"`
		Source      string `json:"source"`
		Licence     string `json:"licence"`
		Version     string `json:"version"`
		TableSHA256 string `json:"table_sha256"`
	}{a.registry.ID, a.registry.Title, a.registry.Page, "CC0-1.0", e.id, t.Digest()}
	b, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s,\n\"records\":[\n", bytes.TrimSuffix(b, []byte("}")))
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for i, r := range t.Records {
		if i > 0 {
			out.Truncate(out.Len() - len("\n"))
			out.WriteString(",\n")
		}
		if err := enc.Encode(r); err != nil {
			return nil, err
		}
	}
	out.WriteString("]}\n")
	return out.Bytes(), nil
}
