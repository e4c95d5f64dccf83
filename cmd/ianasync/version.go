package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/snapshots"
)

// versionInfo is what version prints, as JSON has it.
type versionInfo struct {
	Version  string `json:"version"`            // the release, the module's version, or the revision
	Revision string `json:"revision,omitempty"` // of the source, if it was built in a checkout
	Modified bool   `json:"modified,omitempty"` // whether that had uncommitted changes
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	History  string `json:"built_in_history"` // id of its newest version
}

func (a *app) versionCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program, and the date of its built-in history",
		Long: `Print the version of the program, what it was built with, and the newest version of the
history that it carries.`,
		Example: `  ianasync version
  ianasync version --format json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, err := a.versionInfo()
			if err != nil {
				return err
			}
			if format == "json" {
				return a.writeJSON(info)
			}
			seen, err := snapshots.ParseID(info.History)
			if err != nil {
				return err
			}
			return a.write(fmt.Appendf(nil, "ianasync %s (%s, %s/%s); its built-in history ends on %s\n",
				info.Version, info.Go, info.OS, info.Arch, seen.Format(time.DateOnly)))
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func (a *app) versionInfo() (*versionInfo, error) {
	info := &versionInfo{Version: version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			switch s.Key {
			case "vcs.revision":
				info.Revision = s.Value
			case "vcs.modified":
				info.Modified = s.Value == "true"
			}
		}
	}
	files, err := builtin.Open()
	if err != nil {
		return nil, err
	}
	s, err := snapshots.OpenFS(files, builtInName, a.registry)
	if err != nil {
		return nil, err
	}
	newest, _ := s.Latest()
	info.History = newest.ID
	return info, nil
}
