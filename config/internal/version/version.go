package version

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is a release number of up to three parts and a pre-release word.
type Version struct {
	parts [3]int
	given int    // how many parts were written
	pre   string // such as "rc.1"
}

// Parse reads 1, 1.2, 1.2.3 or 1.2.3-rc.1, with or without a leading
// "v"; what follows "+" is ignored.
func Parse(s string) (Version, error) {
	var v Version
	s, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(s), "v"), "+")
	core, pre, hasPre := strings.Cut(s, "-")
	if hasPre && pre == "" {
		return v, fmt.Errorf("%q is not a version", s)
	}
	v.pre = pre
	for i, part := range strings.Split(core, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || i >= len(v.parts) || part[0] == '+' {
			return Version{}, fmt.Errorf("%q is not a version", s)
		}
		v.parts[i], v.given = n, i+1
	}
	return v, nil
}

// compare orders versions; a pre-release comes before its release.
func (v Version) compare(w Version) int {
	for i := range v.parts {
		if d := v.parts[i] - w.parts[i]; d != 0 {
			return d
		}
	}
	switch {
	case v.pre == w.pre:
		return 0
	case v.pre == "":
		return 1
	case w.pre == "":
		return -1
	}
	return comparePre(v.pre, w.pre)
}

// comparePre orders pre-release words part by part, numbers as numbers.
func comparePre(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(x) && i < len(y); i++ {
		n, errN := strconv.Atoi(x[i])
		m, errM := strconv.Atoi(y[i])
		switch {
		case errN == nil && errM == nil && n != m:
			return n - m
		case errN == nil && errM != nil:
			return -1
		case errN != nil && errM == nil:
			return 1
		case x[i] != y[i]:
			return strings.Compare(x[i], y[i])
		}
	}
	return len(x) - len(y)
}

type constraint struct {
	op string
	v  Version
}

// Constraints are conditions that must all hold.
type Constraints []constraint

// ParseConstraints reads comma-separated conditions that must all hold: =, !=,
// >, >=, <, <= and ~> (only the last written part may grow).
func ParseConstraints(s string) (Constraints, error) {
	var out Constraints
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		op := "="
		for _, o := range []string{"~>", ">=", "<=", "!=", "=", ">", "<"} {
			if rest, ok := strings.CutPrefix(part, o); ok {
				op, part = o, rest
				break
			}
		}
		v, err := Parse(part)
		if err != nil {
			return nil, err
		}
		if op == "~>" && v.given < 2 {
			return nil, errors.New(`after "~>" a version has at least two parts`)
		}
		out = append(out, constraint{op, v})
	}
	return out, nil
}

// Allow reports whether v meets every condition.
func (cs Constraints) Allow(v Version) bool {
	for _, c := range cs {
		if !c.allow(v) {
			return false
		}
	}
	return true
}

func (c constraint) allow(v Version) bool {
	d := v.compare(c.v)
	switch c.op {
	case "=":
		return d == 0
	case "!=":
		return d != 0
	case ">":
		return d > 0
	case ">=":
		return d >= 0
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	}
	for i := range c.v.given - 1 { // ~>
		if v.parts[i] != c.v.parts[i] {
			return false
		}
	}
	return d >= 0
}
