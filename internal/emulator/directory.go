package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// peopleFile is a people file on its way into a tenant. A file of a million
// people takes seconds to read and longer to apply, so its digest is compared
// first.
type peopleFile struct {
	data   []byte // nil: none given
	digest string
	file   *people.File // nil: nothing to apply
}

// read reads the file unless the tenant knows it. A tenant that has no people
// yet gets the built-in ones when no file is given.
func (p *peopleFile) read(known string) error {
	if p.data == nil {
		if known != "" {
			return nil
		}
		p.data = people.Default()
	}
	sum := sha256.Sum256(p.data)
	if p.digest = hex.EncodeToString(sum[:]); p.digest == known {
		return nil
	}
	var err error
	p.file, err = people.Read(p.data)
	return err
}

// apply makes the directory what the file says.
func (p *peopleFile) apply(ctx context.Context, st *store.Store) error {
	if p.file == nil {
		return nil
	}
	d, err := p.file.Resolve(st.TenantID())
	if err != nil {
		return err
	}
	return st.ReplaceDirectory(ctx, d, p.digest)
}
