"""Which property carries the value that follows a label of a remark or of an id list.

The labels are those of the publisher, read off the SDN files of 2021-08-18 and 2024-05-03. A label that is
not here stays visible in the notes of its entry and is never an error: the publisher adds some every year.
"""

# Candidates in order: the first that the schema has and that understands the value is used,
# else the first that the schema has keeps the value as not understood.
TAX = ("taxNumber", "registrationNumber")
REGISTRATION = ("registrationNumber",)
LICENCE = ("licenseNumber", "registrationNumber")
PERSONAL = ("idNumber",)
PASSPORT = ("passportNumber", "idNumber")

# Numbers that an authority issued; the value reads "NUMBER (Country) issued DATE expires DATE".
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "Afghan Money Service Provider License Number": LICENCE,
    "Birth Certificate Number": PERSONAL,
    "Bosnian Personal ID No.": PERSONAL,
    "Branch Unit Number": REGISTRATION,
    "British National Overseas Passport": PASSPORT,
    "Business Number": REGISTRATION,
    "Business Registration Document #": REGISTRATION,
    "Business Registration Number": REGISTRATION,
    "C.I.F.": TAX,
    "C.I.N.": REGISTRATION,
    "C.R. No.": REGISTRATION,
    "C.U.I.": PERSONAL,
    "C.U.I.P.": PERSONAL,
    "C.U.I.T.": TAX,
    "C.U.R.P.": PERSONAL,
    "C.U.R.P. #": PERSONAL,
    "CNP (Personal Numerical Code)": PERSONAL,
    "Cartilla de Servicio Militar Nacional": PERSONAL,
    "Cedula No.": PERSONAL,
    "Central Registration System Number": REGISTRATION,
    "Certificate of Incorporation Number": REGISTRATION,
    "Chamber of Commerce Number": REGISTRATION,
    "Citizen's Card Number": PERSONAL,
    "Commercial Registry Number": REGISTRATION,
    "Company Number": ("imoNumber", "registrationNumber"),  # "IMO 5055293" of a shipping company, or a register's
    "Credencial electoral": PERSONAL,
    "D-U-N-S Number": ("dunsCode",),
    "D.N.I.": PERSONAL,
    "Diplomatic Passport": PASSPORT,
    "Driver's License No.": PERSONAL,
    "Dubai Chamber of Commerce Membership No.": REGISTRATION,
    "Economic Register Number (CBLS)": REGISTRATION,
    "Electoral Registry No.": PERSONAL,
    "Enterprise Number": REGISTRATION,
    "File Number": REGISTRATION,
    "Fiscal Code": TAX,
    "Folio Mercantil No.": REGISTRATION,
    "Government Gazette Number": REGISTRATION,
    "I.F.E.": PERSONAL,
    "Identification Number": ("imoNumber", "idNumber", "registrationNumber"),  # "IMO 1790183" of a company
    "Immigration No.": PERSONAL,
    "Istanbul Chamber of Comm. No.": REGISTRATION,
    "Italian Fiscal Code": TAX,
    "Kenyan ID No.": PERSONAL,
    "LE Number": PERSONAL,
    "Legal Entity Number": ("leiCode", "registrationNumber"),
    "License": LICENCE,
    "MSB Registration Number": REGISTRATION,
    "Matricula Mercantil No": REGISTRATION,
    "Military Registration Number": PERSONAL,
    "Moroccan Personal ID No.": PERSONAL,
    "N.I.E.": PERSONAL,
    "N.I.F.": TAX,
    "NIT #": TAX,
    "National Foreign ID Number": PERSONAL,
    "National ID No.": PERSONAL,
    "Numero Unico de Identificacao Tributaria (NUIT)": TAX,
    "Numero de Identidad": PERSONAL,
    "Organization Code": REGISTRATION,
    "Paraguayan tax identification number": TAX,
    "Passport": PASSPORT,
    "Passport Booklet": PASSPORT,
    "Permit Number": LICENCE,
    "Personal ID Card": PERSONAL,
    "Pilot License Number": PERSONAL,
    "Public Registration Number": REGISTRATION,
    "Public Security and Immigration No.": PERSONAL,
    "R.F.C.": TAX,
    "R.F.C. #": TAX,
    "RFC": TAX,
    "RIF #": TAX,
    "RSIN": TAX,
    "RTN": TAX,
    "RUC #": TAX,
    "Refugee ID Card": PERSONAL,
    "Registered Charity No.": REGISTRATION,
    "Registration Certificate Number (Dubai)": REGISTRATION,
    "Registration ID": REGISTRATION,
    "Registration Number": REGISTRATION,
    "Residency Number": PERSONAL,
    "Romanian C.R.": REGISTRATION,
    "Romanian Permanent Resident CAN": PERSONAL,
    "Romanian Tax Registration": TAX,
    "Russian State Individual Business Registration Number Pattern (OGRNIP)": REGISTRATION,
    "SRE Permit No.": LICENCE,
    "SSN": ("socialSecurityNumber", "idNumber"),
    "Seafarer's Identification Document": PERSONAL,
    "Stateless Person ID Card": PERSONAL,
    "Stateless Person Passport": PASSPORT,
    "Tarjeta Profesional": PERSONAL,
    "Tax ID No.": TAX,
    "Tazkira National ID Card": PERSONAL,
    "Tourism License No.": LICENCE,
    "Trade License No.": LICENCE,
    "Travel Document Number": PASSPORT,
    "Turkish Identification Number": PERSONAL,
    "UAE Identification": PERSONAL,
    "UK Company Number": REGISTRATION,
    "US FEIN": TAX,
    "Unified Social Credit Code (USCC)": ("uscCode", "registrationNumber"),
    "United Social Credit Code Certificate (USCCC)": ("uscCode", "registrationNumber"),
    "V.A.T. Number": ("vatCode", "taxNumber"),
    "VisaNumberID": PERSONAL,
    "Vessel Registration Identification": ("imoNumber", "registrationNumber"),
}

# Labels whose value is one plain value.
PLAIN: dict[str, tuple[str, ...]] = {
    "Aircraft Construction Number (also called L/N or S/N or F/N)": ("serialNumber",),
    "Aircraft Manufacturer's Serial Number (MSN)": ("serialNumber",),
    "Aircraft Model": ("model",),
    "Aircraft Serial Identification": ("serialNumber",),
    "Aircraft Tail Number": ("registrationNumber",),
    "Alternate Title": ("position",),
    "Alternate Title,": ("position",),
    "EMAIL": ("email",),
    "Email": ("email",),
    "Email Address": ("email",),
    "Former Vessel Flag": ("pastFlags",),
    "Former Vessel Type": ("pastTypes",),
    "Gender": ("gender",),
    "MMSI": ("mmsi",),
    "Nationality of Registration": ("jurisdiction", "country"),
    "Organization Type": ("sector",),
    "Other Vessel Call Sign": ("callSign",),
    "Other Vessel Flag": ("flag",),
    "Other Vessel Type": ("type",),
    "Position:": ("position",),
    "Previous Aircraft Tail Number": ("registrationNumber",),  # `original` says that it is a previous one
    "Registration Country": ("jurisdiction", "country"),
    "SWIFT/BIC": ("swiftBic",),
    "Target Type": ("classification",),
    "Vessel Flag": ("flag",),
    "Vessel Type": ("type",),
    "Website": ("website",),
    "citizen": ("citizenship", "country"),
    "nationality": ("nationality", "country"),
}

# Labels whose value is a date or a range of dates.
DATES = {
    "Aircraft Manufacture Date": "buildDate",
    "DOB": "birthDate",
    "Organization Established Date": "incorporationDate",
    "Vessel Year of Build": "buildDate",
}

BORN_AT = frozenset({"POB"})
PHONES = frozenset({"Phone Number", "Phone No.", "PHONE", "Telephone", "Telephone No.", "Telephone Number"})
WALLETS = frozenset({"Digital Currency Address"})
WEAK_NAMES = frozenset({"a.k.a.", "f.k.a.", "n.k.a.", "d.b.a."})
# Other entries named in the text: label -> role of the link.
LINKS = {"Linked To": "Linked To", "Aircraft Operator": "Aircraft Operator"}
# Said of the measure, not of its target.
PROVISIONS = frozenset(
    {
        "Additional Sanctions Information",
        "CAATSA Section",
        "Executive Order",
        "IFCA Determination",
        "Secondary sanctions risk",
        "Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions",
    }
)
# "Listing Date (EO 14024 Directive 2): 24 Feb 2022"
MEASURE_DATES = {"Listing Date": "listingDate", "Effective Date": "startDate"}

ALL = frozenset(
    {*DOCUMENTS, *PLAIN, *DATES, *BORN_AT, *PHONES, *WALLETS, *WEAK_NAMES, *LINKS, *PROVISIONS, *MEASURE_DATES}
)

# Of the words in the title column, those that go before a name; all else is a position.
HONORIFICS = frozenset(
    "dr dr. doctor engineer haji hajji hojjatoleslam imam maulana maulavi maulawi mawlawi mufti mulawi mullah "
    "professor qari sayyid shaykh sheikh ustad ustadz ustaz".split()
)
