package ops

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/folder"
	"github.com/teamsform/teamsform/state"
)

// What an apply did must not be lost because its state cannot be written. The
// journal has it already, beside the state; the whole document goes into a file
// beside the configuration as well, else into the folder for temporary files,
// and if that fails too it is printed.

// endedBadly reports the errors of a run and saves what it could not write.
func (s *session) endedBadly(out *Applied, err error) {
	if err == nil {
		return
	}
	var unsaved *applying.UnsavedError
	if !errors.As(err, &unsaved) {
		s.fail("Apply was cut short", err)
		return
	}
	var doc bytes.Buffer
	if _, encErr := state.Encode(&doc, unsaved.State); encErr != nil {
		s.fail("State cannot be written", errors.Join(err, encErr))
		return
	}
	path, fileErr := s.emergencyFile(doc.Bytes())
	if fileErr != nil {
		out.Unsaved = doc.Bytes()
		s.diags = append(s.diags, s.unsaved(err, fmt.Sprintf("Nor could it be written to a file (%v), so it is printed below: put it into a file, and then run\n\n  %s FILE", fileErr, s.pushCommand(unsaved.Err))))
		return
	}
	s.diags = append(s.diags, s.unsaved(err, fmt.Sprintf("The state as it ought to be is in %s. %s, run\n\n  %s %s", path, whenToPush(unsaved.Err), s.pushCommand(unsaved.Err), shellQuote(path))))
}

func (s *session) unsaved(err error, wayOut string) *hcl.Diagnostic {
	return diag.Error(nil, "State cannot be written",
		"The tenant was changed, and what was done could not be recorded: %v. %s\n\nThe journal beside the state is kept: as long as it is there, the next apply finds out the same from it and from the tenant.", err, wayOut)
}

func whenToPush(err error) string {
	var conflict *state.ConflictError
	if errors.As(err, &conflict) {
		return "Another run has written the state meanwhile, and what it knows counts: run teamsform plan first. Only if the file is what counts"
	}
	return "Once the state can be written again"
}

// pushCommand is the command that recovers, without the file.
func (s *session) pushCommand(err error) string {
	command := "teamsform"
	if dir := s.cfg.Dir; dir != "" && dir != "." {
		command += " -C " + shellQuote(dir)
	}
	command += " state push"
	var conflict *state.ConflictError
	if errors.As(err, &conflict) {
		command += " --force"
	}
	return command
}

// shellQuote quotes what a shell would take apart.
func shellQuote(text string) string {
	for _, r := range text {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '/' || r == '.' || r == '-' || r == '_' || r == ':' || r == '\\'
		if !plain {
			return fmt.Sprintf("%q", text)
		}
	}
	return text
}

// emergencyFile writes a document where nothing else is, readable by its owner
// only.
func (s *session) emergencyFile(doc []byte) (string, error) {
	name := fmt.Sprintf("emergency-%s-%.8s.state.json", s.rt.Clock().UTC().Format("20060102-150405"), s.rt.NewID())
	var errs []error
	for _, dir := range []string{s.cfg.Dir, os.TempDir()} {
		path := filepath.Join(dir, name)
		err := folder.WriteNew(path, doc, 0o600)
		if err == nil {
			return path, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}
