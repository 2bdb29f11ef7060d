package seed

// Names are combined at random. None of the lists may change its length or its
// order: the same seed would give other people.

func givenNames() []string {
	return []string{
		"Ada", "Aisha", "Akira", "Amara", "Anders", "Anna", "Arjun", "Astrid", "Ben", "Bianca", "Bruno", "Carla", "Chen", "Chloe", "Dalia", "Daniel",
		"Diego", "Elena", "Elif", "Emil", "Erik", "Fatima", "Felix", "Fiona", "Gabriel", "Goran", "Greta", "Hana", "Hassan", "Helena", "Hugo", "Ines",
		"Ingrid", "Ivan", "Ivy", "Jakub", "Jan", "Jonas", "Julia", "Kai", "Kamal", "Karin", "Kim", "Lars", "Laura", "Leila", "Liam", "Linda",
		"Luca", "Maja", "Marco", "Maria", "Mateo", "Mei", "Mikael", "Mina", "Nadia", "Nikhil", "Nina", "Noah", "Olga", "Omar", "Oskar", "Paula",
		"Pedro", "Petra", "Priya", "Rafael", "Rania", "Ravi", "Rosa", "Samir", "Sara", "Sofia", "Stefan", "Tara", "Tomas", "Vera", "Yusuf", "Zoe",
	}
}

func surnames() []string {
	return []string{
		"Almeida", "Andersen", "Aziz", "Bauer", "Berg", "Bianchi", "Brandt", "Carlsen", "Castro", "Chandra", "Costa", "Dahl", "Demir", "Dubois", "Eriksen", "Farouk",
		"Fischer", "Fonseca", "Garcia", "Gruber", "Haddad", "Hansen", "Holm", "Horvat", "Ibrahim", "Ito", "Jansen", "Jensen", "Kaya", "Keller", "Khan", "Kowalski",
		"Kumar", "Larsen", "Lehmann", "Lindqvist", "Lund", "Mbeki", "Meyer", "Moreau", "Moretti", "Nakamura", "Nguyen", "Nilsen", "Novak", "Nunes", "Okafor", "Olsen",
		"Ortega", "Patel", "Petrov", "Popescu", "Ramos", "Rao", "Reyes", "Ricci", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Svensson", "Tanaka",
		"Torres", "Varga", "Vogel", "Wagner", "Weber", "Yilmaz",
	}
}

func departments() []string {
	return []string{
		"Sales", "Support", "Finance", "Engineering", "Operations", "Warehouse", "Marketing", "Legal", "People", "Research", "Procurement", "Security",
		"Facilities", "Training", "Quality", "Logistics",
	}
}

func places() []string {
	return []string{"Oslo", "Berlin", "Lagos", "Lisbon", "Osaka", "Toronto", "Mumbai", "Zagreb", "Ankara", "Lima", "Cairo", "Dublin"}
}

func partners() []string {
	return []string{"fabrikam.example", "adatum.example", "northwind.example", "proseware.example"}
}
