package view

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/assess"
)

// Checks prints built-in checks of a tenant with their evidence, as text or for
// programs.
func Checks(w io.Writer, s Style, tenant string, list []assess.CheckResult, asJSON bool) error {
	if asJSON {
		return JSON(w, struct {
			Tenant string               `json:"tenant"`
			Checks []assess.CheckResult `json:"checks"`
		}{tenant, list})
	}
	var b strings.Builder
	counts := map[assess.Status]int{}
	for _, c := range list {
		counts[c.Status]++
		mark := map[assess.Status]string{assess.Pass: s.green("passed"), assess.Fail: s.red("failed"), assess.NotJudged: s.yellow("not judged")}[c.Status]
		fmt.Fprintf(&b, "%s  %s  %s\n  %s\n", s.bold(c.ID), mark, s.faint(c.Source), c.Asks)
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "    - %s\n", e)
		}
		if c.Remedy != "" {
			fmt.Fprintf(&b, "  What to do: %s\n", c.Remedy)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s\n", s.bold(fmt.Sprintf("%d passed, %d failed, %d not judged.", counts[assess.Pass], counts[assess.Fail], counts[assess.NotJudged])))
	_, err := io.WriteString(w, b.String())
	return err
}

// Expectations prints expect blocks and what became of them, as text or for
// programs.
func Expectations(w io.Writer, s Style, list []engine.Expected, asJSON bool) error {
	if asJSON {
		return expectationsJSON(w, list)
	}
	var b strings.Builder
	failed := 0
	for _, e := range list {
		if e.OK() {
			fmt.Fprintf(&b, "%s  %s\n", s.green("ok    "), e.Name)
			continue
		}
		failed++
		fmt.Fprintf(&b, "%s  %s (%s:%d)\n", s.red("failed"), e.Name, e.File, e.Line)
		for _, text := range e.Failures {
			fmt.Fprintf(&b, "          %s\n", text)
		}
	}
	switch {
	case len(list) == 0:
		b.WriteString("There are no expect blocks.\n")
	default:
		fmt.Fprintf(&b, "\n%s\n", s.bold(fmt.Sprintf("%d of %d hold.", len(list)-failed, len(list))))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// The elements of a JUnit report, as far as readers of it agree.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes expect blocks as a JUnit report.
func JUnit(w io.Writer, list []engine.Expected) error {
	suite := junitSuite{Name: "teamsform test", Tests: len(list)}
	for _, e := range list {
		c := junitCase{Class: "expect", Name: e.Name, File: e.File, Line: e.Line}
		if !e.OK() {
			suite.Failures++
			c.Failure = &junitFailure{Message: e.Failures[0], Text: strings.Join(e.Failures, "\n")}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// expectation is one expect block for programs.
type expectation struct {
	Name     string   `json:"name"`
	OK       bool     `json:"ok"`
	User     string   `json:"user"`
	App      string   `json:"app,omitempty"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Failures []string `json:"failures"`
}

// expectationsJSON prints expect blocks for programs.
func expectationsJSON(w io.Writer, list []engine.Expected) error {
	docs := make([]expectation, len(list))
	for i, e := range list {
		docs[i] = expectation{Name: e.Name, OK: e.OK(), User: e.User, App: e.App, File: e.File, Line: e.Line, Failures: append([]string{}, e.Failures...)}
	}
	return JSON(w, docs)
}

// JUnitFile writes the report into a file.
func JUnitFile(path string, list []engine.Expected) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(JUnit(file, list), file.Close())
}
