package graph

import (
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// The part of OData's $filter that the tenant understands:
//
//	or      = and { "or" and }
//	and     = unary { "and" unary }
//	unary   = "not" unary | "(" or ")" | compare
//	compare = path ("eq" | "ne") literal | path "in" "(" literal { "," literal } ")"
//	        | path "/any(" name ":" compare on name/... ")"
//
// Text compares without regard to letter case, as the services do.

// expr is a parsed filter.
type expr interface{ isExpr() }

type (
	orExpr  struct{ terms []expr }
	andExpr struct{ terms []expr }
	notExpr struct{ term expr }
	// compareExpr is path eq|ne|in literals; eq has one literal.
	compareExpr struct {
		path   string
		negate bool
		values []literal
	}
	// anyExpr is path/any(x: term on x).
	anyExpr struct {
		path string
		term expr
	}
)

func (orExpr) isExpr()      {}
func (andExpr) isExpr()     {}
func (notExpr) isExpr()     {}
func (compareExpr) isExpr() {}
func (anyExpr) isExpr()     {}

// literal is a constant of a filter.
type literal struct {
	null bool
	text string // booleans and numbers as written
}

// maxFilterDepth bounds nesting, so that hostile filters cannot exhaust the
// stack.
const maxFilterDepth = 50

type filterParser struct {
	tokens []token
	at     int
	depth  int
}

func invalidFilter(what string) *wire.Error {
	return wire.Errorf(400, "BadRequest", "Invalid filter clause: %s", what)
}

// parseFilter reads a $filter expression.
func parseFilter(s string) (expr, error) {
	p := &filterParser{tokens: lex(s)}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, invalidFilter("unexpected '" + t.text + "'")
	}
	return e, nil
}

func (p *filterParser) peek() token { return p.tokens[p.at] }

func (p *filterParser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *filterParser) word(w string) bool {
	if t := p.peek(); t.kind == tokWord && strings.EqualFold(t.text, w) {
		p.at++
		return true
	}
	return false
}

func (p *filterParser) punct(c string) error {
	if t := p.take(); t.kind != tokPunct || t.text != c {
		return invalidFilter("expected '" + c + "' before '" + t.text + "'")
	}
	return nil
}

func (p *filterParser) or() (expr, error) {
	terms, err := p.list("or", p.and)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return orExpr{terms}, nil
}

func (p *filterParser) and() (expr, error) {
	terms, err := p.list("and", p.unary)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return andExpr{terms}, nil
}

func (p *filterParser) list(joint string, term func() (expr, error)) ([]expr, error) {
	var terms []expr
	for {
		t, err := term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		if !p.word(joint) {
			return terms, nil
		}
	}
}

func first(terms []expr) expr {
	if len(terms) == 0 {
		return nil
	}
	return terms[0]
}

func (p *filterParser) unary() (expr, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, invalidFilter("it is nested too deeply")
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		e, err := p.unary()
		return notExpr{e}, err
	}
	if t := p.peek(); t.kind == tokPunct && t.text == "(" {
		p.at++
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		return e, p.punct(")")
	}
	return p.compare()
}

func (p *filterParser) compare() (expr, error) {
	t := p.take()
	if t.kind != tokWord {
		return nil, invalidFilter("expected a property before '" + t.text + "'")
	}
	if path, ok := strings.CutSuffix(t.text, "/any"); ok {
		return p.any(path)
	}
	op := p.take()
	switch strings.ToLower(op.text) {
	case "eq", "ne":
		v, err := p.literal()
		return compareExpr{path: t.text, negate: strings.EqualFold(op.text, "ne"), values: []literal{v}}, err
	case "in":
		values, err := p.literals()
		return compareExpr{path: t.text, values: values}, err
	}
	return nil, invalidFilter("operator '" + op.text + "' is not supported")
}

func (p *filterParser) any(path string) (expr, error) {
	if err := p.punct("("); err != nil {
		return nil, err
	}
	variable := p.take()
	if variable.kind != tokWord {
		return nil, invalidFilter("expected a variable after any(")
	}
	if err := p.punct(":"); err != nil {
		return nil, err
	}
	term, err := p.or()
	if err != nil {
		return nil, err
	}
	return anyExpr{path: path, term: stripVariable(term, variable.text+"/")}, p.punct(")")
}

// stripVariable turns a/bot into bot within any(a: ...).
func stripVariable(e expr, prefix string) expr {
	switch e := e.(type) {
	case orExpr:
		for i := range e.terms {
			e.terms[i] = stripVariable(e.terms[i], prefix)
		}
		return e
	case andExpr:
		for i := range e.terms {
			e.terms[i] = stripVariable(e.terms[i], prefix)
		}
		return e
	case notExpr:
		return notExpr{stripVariable(e.term, prefix)}
	case compareExpr:
		e.path = strings.TrimPrefix(e.path, prefix)
		return e
	}
	return e
}

func (p *filterParser) literals() ([]literal, error) {
	if err := p.punct("("); err != nil {
		return nil, err
	}
	var out []literal
	for {
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if t := p.take(); t.kind == tokPunct && t.text == ")" {
			return out, nil
		} else if t.kind != tokPunct || t.text != "," {
			return nil, invalidFilter("expected ',' or ')' before '" + t.text + "'")
		}
	}
}

func (p *filterParser) literal() (literal, error) {
	t := p.take()
	switch {
	case t.kind == tokText:
		return literal{text: t.text}, nil
	case t.kind == tokWord && t.text == "null":
		return literal{null: true}, nil
	case t.kind == tokWord && !strings.Contains(t.text, "/"):
		return literal{text: t.text}, nil
	}
	return literal{}, invalidFilter("expected a literal before '" + t.text + "'")
}
