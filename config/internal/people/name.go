package people

import (
	"fmt"

	"github.com/teamsform/teamsform/internal/table"
)

// The summaries of what this package reports.
const (
	SumBadName  = "Not the name of a person"
	SumRepeated = "Person listed twice"
	SumUTF16    = "CSV file in UTF-16"
	SumNotUTF8  = "CSV file is not UTF-8"
	SumEmpty    = "CSV file is empty"
	SumColumn   = "No such column"
	SumQuote    = "Quote not closed"
)

// Name names one person, by UPN or by object id. It is small on purpose: there
// may be a million.
type Name struct {
	UPN  string   // as written; "" when named by id
	ID   table.ID // zero when named by UPN
	Line int32    // in the file that names the person, from 1
}

// String gives the name as written.
func (n Name) String() string {
	if n.UPN != "" {
		return n.UPN
	}
	return n.ID.String()
}

// Parse reads a user principal name or an object id, without outer space.
func Parse(s string) (Name, string) {
	at := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '@':
			if at >= 0 {
				return Name{}, fmt.Sprintf("%q has more than one \"@\".", s)
			}
			at = i
		case c <= ' ' || c == 0x7f:
			return Name{}, fmt.Sprintf("%q holds a space or control character.", s)
		}
	}
	if at > 0 && at < len(s)-1 {
		return Name{UPN: s}, ""
	}
	if at < 0 {
		if id, err := table.ParseID(s); err == nil {
			return Name{ID: id}, ""
		}
	}
	return Name{}, fmt.Sprintf("%q is neither a user principal name, such as ana@contoso.example, nor an object id.", s)
}
