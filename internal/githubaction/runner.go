package githubaction

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ianasync/ianasync/internal/layout"
)

// Runner is the program that runs the steps of a job, as a step sees it.
type Runner struct {
	Stdout io.Writer                // of the step
	Getenv func(name string) string // has the names of the runner's files
}

// Report writes the outputs, the summary and the annotations.
func (r *Runner) Report(f *Findings, conclusions []Conclusion) error {
	summary := []byte(Cut(f.Summary(conclusions), SummaryLimit, "The rest does not fit here: it is in the store, in "+layout.Changelog+"."))
	file := filepath.Join(cmp.Or(r.Getenv("RUNNER_TEMP"), os.TempDir()), "ianasync-summary.md")
	if err := os.WriteFile(file, summary, 0o666); err != nil {
		return err
	}
	values, err := f.Outputs(file)
	if err != nil {
		return err
	}
	var outputs bytes.Buffer
	if err := WriteOutputs(&outputs, rand.Reader, values); err != nil {
		return err
	}
	annotations := f.Annotations(conclusions)
	return errors.Join(
		r.appendTo("GITHUB_STEP_SUMMARY", summary), r.appendTo("GITHUB_OUTPUT", outputs.Bytes()),
		r.Annotate(Error, annotations[Error]), r.Annotate(Warning, annotations[Warning]), r.Annotate(Notice, annotations[Notice]),
	)
}

// Annotate writes messages of a level as annotations of the run. Call it once for each level.
func (r *Runner) Annotate(level Level, messages []string) error {
	return Annotate(r.Stdout, level, "ianasync", messages)
}

// appendTo appends to the file that an environment variable names. It is a no-op outside a workflow, where the variable is
// not set.
func (r *Runner) appendTo(variable string, data []byte) (err error) {
	name := r.Getenv(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// Output is a value that later steps of a job can use.
type Output struct{ Name, Value string }

// WriteOutputs writes outputs in the format of the file $GITHUB_OUTPUT, each between lines with
// a delimiter read from random, so that no value can contain it.
func WriteOutputs(w io.Writer, random io.Reader, outputs []Output) error {
	secret := make([]byte, 16)
	if _, err := io.ReadFull(random, secret); err != nil {
		return err
	}
	end := "end_" + hex.EncodeToString(secret)
	var b strings.Builder
	for _, o := range outputs {
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", o.Name, end, o.Value, end)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// SummaryLimit is the largest summary of a step, in bytes: GitHub shows nothing of a larger one.
const SummaryLimit = 1<<20 - 1

// Cut returns text if it fits into limit bytes; otherwise as many of its lines as fit, followed by the line rest.
func Cut(text string, limit int, rest string) string {
	if len(text) <= limit {
		return text
	}
	rest = "\n" + rest + "\n"
	room := max(0, limit-len(rest))
	return text[:strings.LastIndexByte(text[:room], '\n')+1] + rest
}

// Level is the severity of an annotation.
type Level string

// The levels of annotations.
const (
	Notice  Level = "notice"
	Warning Level = "warning"
	Error   Level = "error"
)

// MaxAnnotations is how many annotations of each level GitHub shows for a step.
const MaxAnnotations = 10

// Annotate writes annotations, at most [MaxAnnotations]: where there are more messages, the
// last one counts those left out. Call it once for each level of a step.
func Annotate(w io.Writer, level Level, title string, messages []string) error {
	if left := len(messages) - MaxAnnotations + 1; left > 1 {
		messages = append(messages[:MaxAnnotations-1:MaxAnnotations-1], fmt.Sprintf("and %d more: see the summary", left))
	}
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", level, escapeProperty.Replace(title), escapeMessage.Replace(m))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// The runner decodes exactly these.
var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Inert returns a writer of log lines in which the runner finds no workflow command: neither
// at the beginning of a line (::set-output …) nor within it (##[set-output …], the old syntax, which
// it still accepts). Every Write must consist of whole lines.
func Inert(w io.Writer) io.Writer { return inert{w} }

type inert struct{ to io.Writer }

func (w inert) Write(p []byte) (int, error) {
	text := strings.ReplaceAll(string(p), "##[", "## [")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			line = "> " + line
		}
		if _, err := io.WriteString(w.to, line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
