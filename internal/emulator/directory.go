package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// peopleFile is a people file on its way into a tenant. A file of a million
// people takes seconds to read and longer to apply, so its digest is compared
// first.
type peopleFile struct {
	data    []byte // nil: none given
	digest  string
	file    *people.File // nil: nothing to apply
	objects *objects     // of a snapshot, else nil
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
	if p.file, err = people.Read(p.data); err != nil {
		return err
	}
	p.objects, err = readObjects(p.file)
	return err
}

// apply makes the directory what the file says. A tenant that is new gets the
// objects of a snapshot as well.
func (p *peopleFile) apply(ctx context.Context, st *store.Store, m store.Import) error {
	if p.file == nil {
		return nil
	}
	tenant := st.TenantID()
	if m.Reset != nil && m.Reset.ID != "" {
		id, err := ids.Parse(m.Reset.ID)
		if err != nil {
			return err
		}
		tenant = id
	}
	var err error
	if m.Directory, err = p.file.Resolve(tenant); err != nil {
		return err
	}
	m.Digest = p.digest
	if p.objects != nil {
		m.Fresh = p.objects.restore
	}
	return st.Import(ctx, m)
}
