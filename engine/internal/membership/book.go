package membership

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine/internal/model"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
)

// Joiners and leavers. A row changes because somebody edited the files, or
// because the directory changed: a name that stood in a list all along belongs
// to somebody now, or to nobody any more. To tell the two apart the state keeps
// of each block of rows what was written when it was last applied, as a digest,
// and the names that the directory did not know then.
//
//	same digest             whoever is new in it has joined, whoever is out of it has left
//	other digest            who was missing by name and is there now has joined
//	nobody with that id     has left, whatever the files say
//	anything else           is an edit

// Input is what a book is read from.
type Input struct {
	Strings   *table.Strings
	Name      func(table.ID) string             // sign-in name, or the id as text
	Audiences []model.Audience                  // as the files have them
	Recorded  json.RawMessage                   // by the state; nil: nothing
	Moved     func(addr.Instance) addr.Instance // nil: no block has moved
}

// Book is what the last apply recorded, and what holds now.
type Book struct {
	in     Input
	before map[table.Sym]*model.AudienceRecord // by block
	now    map[table.Sym]model.Audience
	size   map[table.Sym]int // people of a block, before or now, whichever is more
}

// Read reads the record of a state. The book can be used after an error, as if
// the state had none.
func Read(in Input) (*Book, error) {
	m := &Book{in: in, before: map[table.Sym]*model.AudienceRecord{}, now: map[table.Sym]model.Audience{}, size: map[table.Sym]int{}}
	for _, a := range in.Audiences {
		m.now[a.Block] = a
	}
	recorded, err := model.DecodeAudiences(in.Recorded)
	for block, r := range recorded {
		if at, err := addr.Parse(block); err == nil && in.Moved != nil {
			block = in.Moved(at).String()
		}
		m.before[in.Strings.Exact(block)] = r
	}
	return m, err
}

// same reports whether a block says what it said when it was last applied.
func (m *Book) same(block table.Sym) bool {
	was, now := m.before[block], m.now[block]
	return was != nil && now.Block != 0 && was.Policy == m.policy(now) && was.Digest == now.Digest
}

func (m *Book) policy(a model.Audience) string {
	return strings.ToLower(m.in.Strings.Name(a.Policy.Type) + "/" + m.in.Strings.Name(a.Policy.Name))
}

// Joined reports whether a wanted row that the state does not have is new
// because the directory has its person by now.
func (m *Book) Joined(d table.Row) bool {
	if m.same(d.Addr) {
		return true
	}
	was, now := m.before[d.Addr], m.now[d.Addr]
	if was == nil || now.Block == 0 || was.Policy != m.policy(now) || len(was.Missing) == 0 {
		return false
	}
	for _, name := range []string{strings.ToLower(m.in.Name(d.User)), d.User.String()} {
		if _, found := slices.BinarySearch(was.Missing, name); found {
			return true
		}
	}
	return false
}

// Left reports whether a row that is not wanted any more, and that its person
// still holds, is so because the directory changed.
func (m *Book) Left(p table.Row) bool { return m.same(p.Addr) }

// Count notes how many people each block has, before and now.
func (m *Book) Count(prior, desired []table.Row) {
	for _, rows := range [][]table.Row{prior, desired} {
		count := map[table.Sym]int{}
		last, n := table.Sym(0), 0
		for _, r := range rows {
			if r.Addr != last {
				count[last] += n
				last, n = r.Addr, 0
			}
			n++
		}
		count[last] += n
		for block, n := range count {
			m.size[block] = max(m.size[block], n)
		}
	}
}

// Sizes is how many people each block has, by its address.
func (m *Book) Sizes() map[string]int {
	out := map[string]int{}
	for block, n := range m.size {
		out[m.in.Strings.Name(block)] = n
	}
	return out
}

// Audiences are whom the blocks name now.
func (m *Book) Audiences() []model.Audience { return m.in.Audiences }

// Remember is what the state will hold. A run that applies only what the
// directory has caused knows no edits: a block that was edited keeps its record,
// less the names that are there by now.
func (m *Book) Remember(membershipOnly bool) json.RawMessage {
	out := map[string]*model.AudienceRecord{}
	for block, now := range m.now {
		r := &model.AudienceRecord{Policy: m.policy(now), Digest: now.Digest, Missing: now.Missing}
		if membershipOnly && !m.same(block) {
			if r = m.before[block]; r == nil {
				continue
			}
			kept := *r
			kept.Missing = slices.DeleteFunc(slices.Clone(r.Missing), func(name string) bool {
				_, still := slices.BinarySearch(now.Missing, name)
				return !still
			})
			r = &kept
		}
		out[m.in.Strings.Name(block)] = r
	}
	raw, err := model.EncodeAudiences(out)
	if err != nil {
		return m.in.Recorded // texts only: cannot fail
	}
	return raw
}
