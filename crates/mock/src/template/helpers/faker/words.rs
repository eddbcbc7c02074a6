//! The words that [`faker`](super) puts together.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Agnes", "Anton", "Beatrice", "Carla", "Cedric", "Clara", "Daniel", "Edith", "Emil",
    "Felix", "Greta", "Hanna", "Hugo", "Ida", "Irene", "Jakob", "Jonas", "Klara", "Lena", "Leo",
    "Louise", "Martin", "Mila", "Nora", "Oscar", "Paula", "Ralph", "Rosa", "Samuel", "Sophie",
    "Theo", "Ursula", "Victor", "Wanda", "William", "Zoe",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Abbott",
    "Adler",
    "Baker",
    "Becker",
    "Brandt",
    "Carter",
    "Collins",
    "Dietrich",
    "Ellis",
    "Fischer",
    "Foster",
    "Graham",
    "Hansen",
    "Harper",
    "Hoffmann",
    "Jensen",
    "Keller",
    "Lambert",
    "Lindqvist",
    "Marsh",
    "Meyer",
    "Murphy",
    "Novak",
    "Olsen",
    "Palmer",
    "Peters",
    "Quinn",
    "Reed",
    "Richter",
    "Sanders",
    "Schultz",
    "Turner",
    "Vogel",
    "Walker",
    "Weber",
    "Young",
];

pub(super) const CITIES: &[&str] = &[
    "Ashford",
    "Brookfield",
    "Clearwater",
    "Dunmore",
    "Eastport",
    "Fairview",
    "Glenwood",
    "Harborview",
    "Kingsbridge",
    "Lakeside",
    "Maplewood",
    "Newhaven",
    "Oakdale",
    "Port Alice",
    "Riverton",
    "South Milton",
    "Springvale",
    "Westbrook",
];

pub(super) const STREET_ENDINGS: &[&str] = &[
    "Avenue", "Court", "Drive", "Hill", "Lane", "Park", "Place", "Road", "Square", "Street",
    "Terrace", "Way",
];

pub(super) const STATES: &[(&str, &str)] = &[
    ("AZ", "Arizona"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("IL", "Illinois"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("NY", "New York"),
    ("OH", "Ohio"),
    ("OR", "Oregon"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WI", "Wisconsin"),
];

pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("NZ", "New Zealand"),
    ("PL", "Poland"),
    ("SE", "Sweden"),
];

pub(super) const CURRENCIES: &[(&str, &str)] = &[
    ("AUD", "Australian Dollar"),
    ("BRL", "Brazilian Real"),
    ("CAD", "Canadian Dollar"),
    ("CHF", "Swiss Franc"),
    ("DKK", "Danish Krone"),
    ("EUR", "Euro"),
    ("GBP", "Pound Sterling"),
    ("JPY", "Yen"),
    ("NOK", "Norwegian Krone"),
    ("PLN", "Zloty"),
    ("SEK", "Swedish Krona"),
    ("USD", "US Dollar"),
];

pub(super) const COMPANY_ENDINGS: &[&str] = &["Inc", "LLC", "Group", "and Sons"];

pub(super) const DOMAIN_ENDINGS: &[&str] = &["com", "net", "org", "info", "io", "co"];

pub(super) const INDUSTRIES: &[&str] = &[
    "Banking",
    "Construction",
    "Education",
    "Farming",
    "Furniture",
    "Hospitality",
    "Insurance",
    "Logistics",
    "Publishing",
    "Retail",
    "Software",
    "Textiles",
    "Tourism",
];

pub(super) const JOBS: &[&str] = &[
    "Accountant",
    "Architect",
    "Baker",
    "Data Engineer",
    "Designer",
    "Education Manager",
    "Electrician",
    "Librarian",
    "Logistics Planner",
    "Marketing Assistant",
    "Nurse",
    "Product Manager",
    "Sales Representative",
    "Teacher",
];

pub(super) const DEPARTMENTS: &[&str] = &[
    "Baby",
    "Beauty",
    "Books",
    "Clothing",
    "Electronics",
    "Games",
    "Garden",
    "Grocery",
    "Health",
    "Home",
    "Kids",
    "Movies",
    "Music",
    "Outdoors",
    "Shoes",
    "Sports",
    "Tools",
    "Toys",
];

pub(super) const ADJECTIVES: &[&str] = &[
    "Durable",
    "Elegant",
    "Ergonomic",
    "Fine",
    "Heavy",
    "Light",
    "Modern",
    "Neat",
    "Practical",
    "Refined",
    "Robust",
    "Simple",
    "Sleek",
    "Small",
    "Sturdy",
];

pub(super) const MATERIALS: &[&str] = &[
    "Bronze", "Concrete", "Copper", "Cotton", "Glass", "Granite", "Leather", "Linen", "Marble",
    "Plastic", "Rubber", "Silk", "Steel", "Wool",
];

pub(super) const PRODUCTS: &[&str] = &[
    "Bag", "Bench", "Bottle", "Chair", "Clock", "Coat", "Hat", "Keyboard", "Knife", "Lamp",
    "Shirt", "Shoes", "Table", "Wallet", "Watch",
];

pub(super) const COLORS: &[&str] = &[
    "black", "blue", "brown", "gold", "green", "grey", "maroon", "orange", "pink", "purple", "red",
    "silver", "tan", "teal", "white", "yellow",
];

pub(super) const LATIN: &[&str] = &[
    "ad", "alias", "aut", "beatae", "commodi", "corporis", "culpa", "debitis", "dolor", "ea",
    "enim", "est", "et", "eum", "facere", "fuga", "harum", "id", "illo", "in", "ipsa", "iure",
    "labore", "magni", "modi", "nemo", "nisi", "nobis", "odio", "omnis", "optio", "porro", "quae",
    "quia", "quidem", "ratione", "rerum", "saepe", "sed", "sint", "sit", "tempore", "unde", "ut",
    "vel", "velit", "vero", "vitae",
];
