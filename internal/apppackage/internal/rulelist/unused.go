package rulelist

// Unused is a code of the service for which there is no rule, and why.
type Unused struct{ Code, Reason string }

// UnusedCodes lists the codes of the publishing call that no finding can have,
// by name. A test holds it, with All and the keywords of the schemas, against
// the list of the documentation.
func UnusedCodes() []Unused {
	const groups = "no published schema has activity groups, so a manifest with some breaks its schema first"
	const keyword = "no published schema uses the keyword"
	return []Unused{
		{"ActivityGroupIdFromActivitiesTypeValidation", groups},
		{"ActivityTypesMustExistWithActivitiesGroupValidation", groups},
		{"SchemaError_AdditionalItems", keyword},
		{"SchemaError_Contains", keyword},
		{"SchemaError_ContentEncoding", keyword},
		{"SchemaError_Dependencies", "the only dependencies of the schemas are themselves schemas: what they ask for is told under its own keyword"},
		{"SchemaError_Else", keyword},
		{"SchemaError_Id", "it is about the schema, not about the manifest"},
		{"SchemaError_MaximumProperties", keyword},
		{"SchemaError_Other", "every failure has a keyword here"},
		{"SchemaError_PatternProperties", "the keyword never fails by itself: a key that fits no pattern is told as additionalProperties, a value under the keyword that it breaks"},
		{"SchemaError_Valid", "no published schema is the schema false"},
		{"UniqueIdInActivitiesGroupValidation", groups},
	}
}
