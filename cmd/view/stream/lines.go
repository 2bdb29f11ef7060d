package stream

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Format is the version of the lines. The number behind the dot rises when
// something is added, the one before it when something is taken away or gets
// another meaning.
const Format = "1.0"

// Lines is a view.Run for programs. Each line is one JSON object; the first is
// "version", the last "result".
type Lines struct {
	w     io.Writer
	clock func() time.Time
	err   error // of the first line that could not be written
	files map[string]*hcl.File

	command string
	done    int // steps that are over, of an apply
}

// New returns the lines of one run and writes the first of them. command is
// "plan", "apply", "destroy" or "drift".
func New(w io.Writer, clock func() time.Time, tool, command string) *Lines {
	l := &Lines{w: w, clock: clock, command: command}
	l.write("version", levelInfo, "teamsform "+tool, versionLine{
		FormatVersion: Format, Teamsform: tool, Command: command,
	})
	return l
}

// The levels of lines.
const (
	levelInfo  = "info"
	levelWarn  = "warn"
	levelError = "error"
)

// head is what every line begins with.
type head struct {
	Level     string `json:"@level"`
	Message   string `json:"@message"` // for people, open to change
	Module    string `json:"@module"`
	Timestamp string `json:"@timestamp"`
	Type      string `json:"type"`
}

type versionLine struct {
	FormatVersion string `json:"format_version"`
	Teamsform     string `json:"teamsform"`
	Command       string `json:"command"`
}

// write prints one line: the head, then the fields of body. After the first
// error nothing is written any more: half a line must stay the last.
func (l *Lines) write(typ, level, message string, body any) {
	if l.err != nil {
		return
	}
	h := head{level, message, "teamsform", l.clock().UTC().Format(time.RFC3339Nano), typ}
	line, err := joined(h, body)
	if err == nil {
		_, err = l.w.Write(line)
	}
	if err != nil {
		l.err = fmt.Errorf("write JSON: %w", err)
	}
}

// joined puts the fields of two structs into one object on one line.
func joined(h head, body any) ([]byte, error) {
	first, err := plainJSON(h)
	if err != nil {
		return nil, err
	}
	second, err := plainJSON(body)
	if err != nil {
		return nil, err
	}
	line := append(first[:len(first)-1], ',')
	return append(append(line, second[1:]...), '\n'), nil
}

// plainJSON marshals without spelling "<" and "&" as escapes.
func plainJSON(v any) ([]byte, error) {
	var b buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b[:len(b)-1], nil // Encode ends with a line end
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// Say implements view.Run: what it says stands in other lines.
func (l *Lines) Say(string) error { return l.err }

// resultLine is the last line. A stream without it was cut short.
type resultLine struct {
	ExitCode int `json:"exit_code"`
}

// Result writes the last line and returns the first error of the stream.
func (l *Lines) Result(exitCode int) error {
	level := levelInfo
	if exitCode == 1 || exitCode >= 4 {
		level = levelError
	}
	l.write("result", level, fmt.Sprintf("%s ends with exit code %d", l.command, exitCode), resultLine{exitCode})
	return l.err
}
