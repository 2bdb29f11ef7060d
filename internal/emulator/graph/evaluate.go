package graph

import "strings"

// record is what a filter is evaluated on. property gives a scalar as text;
// null stands for an absent value; ok tells whether there is such a property.
// children gives the elements of a collection.
type record interface {
	property(path string) (text string, null, ok bool)
	children(path string) ([]record, bool)
}

// evaluate tells whether a record satisfies a filter.
func evaluate(e expr, r record) (bool, error) {
	switch e := e.(type) {
	case orExpr:
		return evaluateTerms(e.terms, r, true)
	case andExpr:
		return evaluateTerms(e.terms, r, false)
	case notExpr:
		v, err := evaluate(e.term, r)
		return !v, err
	case anyExpr:
		return evaluateAny(e, r)
	case compareExpr:
		text, null, ok := r.property(e.path)
		if !ok {
			return false, invalidFilter("there is no property '" + e.path + "'")
		}
		for _, want := range e.values {
			if want.null == null && (null || strings.EqualFold(want.text, text)) {
				return !e.negate, nil
			}
		}
		return e.negate, nil
	}
	return false, invalidFilter("it is empty")
}

// evaluateTerms stops at the first term that equals stop, but looks at every
// one until then, so that a wrong name is found.
func evaluateTerms(terms []expr, r record, stop bool) (bool, error) {
	for _, t := range terms {
		v, err := evaluate(t, r)
		if err != nil || v == stop {
			return v, err
		}
	}
	return !stop, nil
}

func evaluateAny(e anyExpr, r record) (bool, error) {
	list, ok := r.children(e.path)
	if !ok {
		return false, invalidFilter("there is no collection '" + e.path + "'")
	}
	for _, item := range list {
		if v, err := evaluate(e.term, item); err != nil || v {
			return v, err
		}
	}
	return false, nil
}

// equalities gives the values of a filter that is nothing but one property
// compared for equality with one or more values (eq, in, or). The directory
// answers such filters from an index.
func equalities(e expr) (path string, values []string, ok bool) {
	switch e := e.(type) {
	case compareExpr:
		if e.negate {
			return "", nil, false
		}
		for _, v := range e.values {
			if v.null {
				return "", nil, false
			}
			values = append(values, v.text)
		}
		return strings.ToLower(e.path), values, true
	case orExpr:
		for _, t := range e.terms {
			p, v, ok := equalities(t)
			if !ok || path != "" && p != path {
				return "", nil, false
			}
			path, values = p, append(values, v...)
		}
		return path, values, path != ""
	}
	return "", nil, false
}
