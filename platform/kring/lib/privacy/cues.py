"""The words around a name: what announces a person, and what says it is none.

All in lower case, Dutch and English together, as members mix them.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set("""
wed dhr mw mevr mevrouw meneer mijnheer heer mej mejuffrouw juffrouw juf meester mr mrs ms miss mx sir
madam mister dr drs ir ing prof dokter doctor dame lady lord tante oom opa oma broeder zuster
pastoor dominee ds pater rabbi imam kapelaan sr jhr mme monsieur frau herr hr fr mvr mevr mnr mvrouw
auntie aunt uncle grandma granny nurse sister coach trainer
""")
# Titles of public office or of learning: weaker, for they also stand before authors.
PUBLIC_TITLES = _set("""
minister staatssecretaris premier president koning koningin prins prinses paus burgemeester
wethouder kamerlid senator justice lord judge king queen prince princess pope secretary chancellor
commissioner congressman representative governor mayor raadsheer rechter eurocommissaris
""")
# Nouns that say who somebody is; a name that follows directly is that person.
PERSONS = _set("""
patiënt patient patiënte patiente pt pte pat cliënt client cliënte cliente klant klante customer zwager meneer chap lady lad tenant huurder bewindvoerder mentor neef nicht
zoon zoontje dochter dochtertje broer broertje zus zusje vader moeder mama papa ouder ouders kind
kinderen kleinzoon kleindochter man vrouw echtgenoot echtgenote partner vriend vriendin ex weduwe
weduwnaar neef nicht buurman buurvrouw buurjongen buurmeisje schoonzoon schoondochter schoonmoeder
schoonvader schoonzus zwager stiefzoon stiefdochter stiefvader stiefmoeder pleegkind pleegzoon
pleegdochter pleegvader pleegmoeder opa oma baby tweeling peuter kleuter jongen meisje jongetje
leerling leerlinge student studente pupil cursist scholier brugklasser kleuter deelnemer speler
speelster keeper doelman spits doelpuntenmaker aanvoerder trainer trainster coach hulptrainer
scheidsrechter grensrechter leider leidster voorzitter penningmeester secretaris bestuurslid
materiaalman kantinebeheerder vrijwilliger vrijwilligster lid erelid oud-lid teamgenoot
collega collegae medewerker medewerkster werknemer werkneemster stagiair stagiaire uitzendkracht
assistent assistente doktersassistente praktijkondersteuner verpleegkundige zuster huisarts arts
specialist chirurg orthopeed cardioloog psychiater psycholoog therapeut fysiotherapeut coassistent
coass aios anios verloskundige tandarts apotheker baas chef manager leidinggevende directeur
directrice rector conrector mentor mentrix docent docente leraar lerares juf meester leerkracht
intern-begeleider conciërge remplaçant invaller advocaat advocate notaris kandidaat-notaris
accountant boekhouder boekhoudster controller adviseur adviseuse makelaar curator bewindvoerder
mentor executeur erflater erflaatster testateur legataris erfgenaam verkoper verkoopster koper
koopster huurder huurster verhuurder eigenaar eigenaresse ondernemer aandeelhouder bestuurder
debiteur crediteur schuldeiser getuige verdachte dader slachtoffer aangever melder verweerder eiser
bewoner bewoonster verzekerde sollicitant kandidaat referent aanvrager gebruiker beheerder
admin systeembeheerder ontwikkelaar programmeur helpdeskmedewerker projectleider contactpersoon
casemanager gezinsvoogd voogd jeugdbeschermer wijkagent agent rechercheur behandelaar hoofdbehandelaar
naam genaamd geheten heet heten noemt noemen voornaam achternaam roepnaam meisjesnaam
familie gezin fam echtpaar erven boedel nalatenschap stel
son daughter brother sister father mother mum mom dad parent parents child wife husband spouse
partner boyfriend girlfriend fiancé fiancée widow widower nephew niece cousin neighbour neighbor
grandson granddaughter grandmother grandfather stepson stepdaughter stepfather stepmother
uncle aunt boy girl man woman baby twin toddler lady gentleman resident tenant landlord
colleague co-worker coworker employee trainee intern temp assistant receptionist secretary
treasurer chairman chairwoman chair chairperson captain goalkeeper striker player winger referee
linesman coach manager volunteer member teammate physio steward groundsman
teacher tutor head headteacher headmaster headmistress governor pupil pupils classmate
classmates senco caretaker lecturer professor supervisor mentor
solicitor barrister lawyer attorney accountant bookkeeper auditor notary executor executrix
testator beneficiary seller buyer vendor purchaser owner director shareholder trustee debtor
claimant defendant witness suspect victim applicant candidate complainant guardian landlord
surgeon registrar consultant gp midwife nurse dentist pharmacist therapist psychologist
psychiatrist doctor physician anaesthetist radiographer paramedic carer caregiver
named called name surname forename nicknamed alias née nee aka attn
family household couple estate late deceased contact user administrator developer engineer
analyst technician boss ceo cfo founder bookkeeper
""")
NAMERS = _set("heet heten heette genaamd geheten named née nee aka alias attn naam voornaam achternaam "
              "roepnaam meisjesnaam surname forename tnv contactpersoon")  # fmt: skip
FAMILIES = _set("familie fam gezin echtpaar erven boedel nalatenschap estate family household")
MATTERS = _set("dossier zaak casus matter case file kwestie akte levering overdracht scheiding transactie "
               "claim dispute inzake conveyance completion")  # fmt: skip
GREETINGS = _set("hoi hi hey hallo hello dag beste geachte dear lieve goedemorgen goedemiddag goedenavond "
                 "ha yo morning bonjour")  # fmt: skip
CLOSINGS = _set("groet groeten groetjes mvg gr grt grts vriendelijke hartelijke collegiale regards wishes best cheers "
                "sincerely faithfully thanks thx bedankt dank liefs kind warmly yours hoogachtend xx x grtz")  # fmt: skip
# A person does this; it follows a name.
DOES = _set("""
belt belde belden appt appte mailt mailde schrijft schreef zegt zei vertelt vertelde vraagt vroeg wil wilde
weigert weigerde woont woonde werkt werkte huilt klaagt klaagde kwam komt ging gaat stuurt stuurde overleed
ligt lag loopt liep krijgt kreeg slikt drinkt rookt gebruikt gebruikte mist miste spijbelt pest pestte slaat
sloeg schold schopte eist eiste dreigt dreigde beweert beweerde denkt dacht vindt vond weet wist zit zat
tekent tekende betaalt betaalde verkoopt verkocht koopt kocht erft erfde scheidt reageert reageerde meldt
meldde verwijst verwees opereerde opereert behandelt behandelde speelt speelde traint scoort scoorde
hoort hoorde belooft beloofde liet laat doet deed had heeft is was wordt werd kan kon moet moest mag mocht
zal zou blijft bleef geeft gaf neemt nam haalt haalde ziet zag viel valt voelt leest las herstelt stopt
stopte begon begint regelt regelde weet adviseert adviseerde bevestigt bevestigde ontkent ontkende hoest
valt zakt zakte haakte haakt kent wacht houdt hield ervaart staat stond
calls called rings rang texts texted emails emailed writes wrote says said tells told asks asked wants
wanted refuses refused lives lived works worked cries cried complains complained came comes went goes sent
sends died passed lies lay walks walked gets got takes took drinks smokes uses used missed bullies hits hit
demands demanded threatens threatened claims claimed thinks thought knows knew sits sat signs signed pays
paid sells sold buys bought inherits responded replied reported referred operated treated plays played
scored promised let does did had has is was will would can could must may might should keeps kept gives
gave left saw fell feels felt reads confirmed denies denied stopped started insists insisted admitted
agreed attended arrived presented needs needed brought looks seems struggles struggled remains stays
were have waren hebben forgot forgets lost turned turns became moved returned phoned messaged apologised resigned
""")
WEAK_DOES = _set("were have waren hebben "
                 "had heeft is was wordt werd kan kon moet moest mag mocht zal zou blijft bleef geeft gaf "
                 "has will would can could must may might should does did got gets let laat liet doet deed "
                 "goes gaat uses used gebruikt gebruikte took takes gives gave remains seems became works "
                 "staat stond means needs houdt begint starts komt kwam krijgt kreeg left kent thought "
                 "loopt claimed suggests reads stopt valt")  # fmt: skip
# Somebody did this with the person whose name follows.
WITH = _set("""
sprak spreek gesproken overlegd overleg besproken belde bel gebeld mail mailde gemaild app appte geappt vroeg
vraag gevraagd zag gezien ken ontmoette ontmoet bezocht behandel behandelde opereerde verwees
verwijs stuur stuurde ontslagen ontslaan geschorst schorsen gepest uitgenodigd namens vervangt aan
spoke speak spoken met meet saw see seen called phoned rang emailed texted told asked ask know knows
visited treated referred discharged dismissed suspended expelled bullied hit invited contact contacted
thank thanked bel benader vraag replaced pesten pest plagen ring rings call calls text email phone message discharge suspend belt bellen appt appen
""")
STRONG_DOES = DOES - WEAK_DOES
# What only people do, rather than authors or companies.
LIVES = _set("""
resigns stands resides vomits limps coughs sobs treedt stapt verhuist verhuisde blokkeert huilde ruziet bevalt
belt belde belden appt appte woont woonde huilt overleed slikt drinkt rookt spijbelt pest pestte slaat sloeg schold scheidt
herstelt hoest trouwde weigert weigerde dreigt dreigde mailt mailde tekent klaagt klaagde eist eiste zakte viel
rang rings phoned died lives lived cries cried drinks smokes bullies passed messaged texted texts emailed emails refuses
refused apologised resigned threatens threatened complained complains insists inherits signed
""")
# What was done with a person, behind 'is' or 'was'.
DONE = _set("""
bekend known listed booked gevaccineerd ingeschreven uitgeschreven verslaafd allergisch diabeet dialysed intubated gepest
geopereerd opgenomen ontslagen gevallen overleden gezien verwezen geschorst afgemeld aangemeld getrouwd gescheiden
behandeld gereanimeerd ontslag bevallen zwanger ziek boos overspannen geboren verhuisd aangehouden gehoord gestopt
verdwenen weggelopen blijven zitten geslaagd gezakt jarig overstuur huilend gebeld uitgevallen geschrokken woedend
operated admitted discharged readmitted seen referred diagnosed suspended dismissed caught found born pregnant ill angry upset
arrested married divorced excluded expelled bullied treated transferred moved retired widowed off sick away furious
""")
ARTICLES = _set(
    "de het een the a an deze dit die this these those onze our your mijn my elke each every via"
)
PRONOUNS = _set("hij zij ze hem haar zijn hun he she him his her they them their diens")
# What follows an eponym, an author, a product or an institution.
AFTER_THING = _set("""
ziekte ziekten syndroom syndromen disease diseases syndrome syndromes disorder test tests toets toetsen
score scores scale scales schaal schalen classificatie classification index sign signs teken tekenen
criteria criterium criterion manoeuvre maneuver manoeuvres procedure procedures methode method methods
model models modellen theorem stelling law laws wet wetten reflex fracture fractures fractuur fracturen
contracture contractuur prothese prothesis prosthesis catheter katheter drain drains repair operation
operatie operaties techniek technique incision incisie flap graft needle naald stadium staging stage grade
graad effect effects principle principe distribution verdeling transform network machine machines algorithm
algoritme algorithms lemma conjecture vermoeden paradox questionnaire vragenlijst inventory committee
commissie rapport report act arrest arresten doctrine award prijs prize fonds foundation lecture lezing
institute instituut school college university universiteit hospital ziekenhuis house huis street road
curve plot diagram chart number numbers getal equation vergelijking formula formule function functie
approach aanpak theory theorie taxonomy taxonomie clinic kliniek stent plate plaat screw nail wire wires
draad draden position positie view bandage splint spalk cast suture hechting knot approach procedures
lymphoma lymfoom sarcoma carcinoma tumor tumour cell cells syndroom anastomosis hernia ulcer palsy
onderwijs education school-method protocol regeling norm richtlijn guideline guidelines machine prize
group groep bank verzekeringen insurance software app platform systeem system cloud server license
licentie versie version library framework editie edition publishers uitgeverij press journal
stadion stadium cup league competitie liga trophy toernooi tournament award awards center centre
centrum museum theater theatre hotel café restaurant gallery galerie park airport luchthaven
rules rule sequence series integral space matrix matrices process chain chains kernel prior inference
set sets logic numeral numerals points cipher code codes constant uncertainty
lijst interview vragenlijsten schema interviews technieken training therapie therapy cursus course
schoolmethode methodiek leerstelsel leerlijn leerplan stijl style
bv nv ltd limited llp plc inc gmbh vof co corp holding partners accountants advocaten notarissen
advocatuur notariaat makelaars makelaardij solicitors associates consultants consultancy consulting
zonen sons bouw transport zorg zorggroep assurantiën vastgoed beheer
fc united city rovers wanderers athletic albion
""")
BEFORE_THING = _set("""
stichting vereniging hotel sint st sankt san santa huize villa café cafe theater museum basisschool
school scholengemeenschap lyceum college ziekenhuis kliniek stadion uitgeverij drukkerij firma fa
bakkerij slagerij garage restaurant camping landgoed kasteel sportpark sporthal park station metrostation
university universiteit institute instituut bank league prof-prijs motie amendement wet-wet ms-dos
morbus fc vv sv sc kv hc voetbalvereniging zorggroep zorginstelling verpleeghuis woonzorgcentrum
verzorgingstehuis hospice huisartsenpraktijk praktijk apotheek kantoor advocatenkantoor notariskantoor
drug geneesmiddel merk brand software programma pakket app systeem platform tool methode lesmethode
company bedrijf bv keten winkel supermarkt programmeertaal language library framework product
productnaam modelnaam leverancier fabrikant supplier vendor-lock fund fonds foundation commissie
motel pub inn arena stadium trophy cup bokaal prijs award wet arrest theorem stelling
arresten jurisprudentie
""")
OF_THING = _set("""
ziekte syndroom teken test proef methode wet regel stelling theorie schaal score classificatie
manoeuvre handgreep procedure operatie techniek formule getal paradox model principe curve driehoek
taxonomie piramide cirkel kring boek artikel werk roman gedicht onderzoek studie publicatie theorema
disease syndrome sign law rule theorem theory method book article work paper novel essay study
lijn driehoek reeks integraal hypothese stadium vermoeden effect wetten arrest rapport commissie ziekten
""")
CASE_LAW = _set("""
arrest uitspraak jurisprudentie case-law judgment judgement ruling authority authorities supreme hoge
raad rechtbank ecli appeal ukhl uksc ewca ewhc precedent reading following decided applied obiter leading lj abolished softened distinguished overruled overtaken rely plead
overweging cassatie doctrine decision principle principles rule landmark v-case considered
""")
CITING = _set("""
volgens conform aldus lees citeert citaat paper papers book books boek boeken artikel article articles
handboek textbook author auteur authors auteurs schrijver writer published publiceerde gepubliceerd study
studie onderzoek research theory theorie wrote philosopher filosoof mathematician wiskundige
bestseller podcast blog lecture essay roman gedicht song film chapter hoofdstuk editie professor-emeritus
proceedings arxiv ssrn lezing keynote documentaire journalist columnist
""")
AUTHORED = _set("""
paper papers book books work works theorem article articles theory argument arguments course lectures
lecture blog talk thesis law laws boek artikel onderzoek theorie werk lezing model method algorithm
room test textbook tutorial answer question comment post idea ideas definition proof conjecture essay
antwoord vraag paradox notes website video videos site channel hypothesis principle formula equation
rapport proefschrift
""")
LOCATIVES = _set("te in naar uit nabij near at from to vanuit rond richting regio gemeente provincie stad city town "
                 "village dorp wijk county state district")  # fmt: skip
INTERFIXES = _set("van de der den het ten ter te 't in op aan bij uit el al bin ben ibn ould ait aït von zu zur vom "
                  "di da dos das do del della de' du la le les d l af av mac mc st y o v vd v.d. vande vander")  # fmt: skip
FIRM_INTERFIXES = _set(
    "van de der den ten ter 't el al bin ben ibn ould ait aït von zu di da dos del della du la le vd"
)
KIN = _set("""
moeder vader ouders broer zus zusje broertje zoon dochter vrouw man partner ex kind kinderen oma opa
vriend vriendin dossier kamer huis telefoon moeders klas mentor juf werk gedrag situatie diagnose
behandeling operatie knie heup schouder been arm hand rug bloeddruk
mother father parents brother sister son daughter wife husband partner mum dad child children friend
house phone room file notes behaviour situation diagnosis treatment knee hip shoulder leg arm hand
blood back attendance grades contract will estate account teacher class solicitor gp laptop password
mailbox salary performance birthday exam homework
""")
SIDES = _set(
    "new north south east west deep great upper lower old high big noord zuid oost groot nieuw nieuwe oude rode zwarte witte"
)
# What links a word that announces to the name.
LINKING = _set("van of de inzake for tussen between money met to with aan naar door by tegen")
# What happens to bodies and lives, behind 'has' or 'heeft'.
BODY = _set("""
koorts pijn kanker diabetes copd last klachten bloeding infectie delier verdriet schulden ruzie hoofdpijn griep adhd autisme
fever pain cancer asthma headache bleeding infection delirium debts antibodies dementia flu autism koorts heparin grants
home huis ontslag discharge leave verlof zitten nooit never nog steeds wel geen
""")
# Words of a case of one's own.
OUR_CASE = _set("""
client clients cliënt cliënte money account acting instructed matter hearing offer settle side mediation our ours my mine dossier
ons onze mijn partij partijen zitting schikking koopsom completion file
""")
# Too small or too common to be anybody's name by itself.
LITTLE = _set("""
de het een en of in is it on an to my no so up us we me he do if as at by be or go am pm ok al an ben dan der des den die
dit dat er hen hij hun ik je mij na nu om op per te ten ter tot uit van ver was wat wie wij zij zo the and but for not you
all any can had her his how its may new now old our out own see she too two use who why will with from this that then
they them what when your have been more some such than each elke elk alle allen ander andere beide deze enige geen
hier hoe ieder mijn naar niet nog onze ook over sinds toch toen tussen veel voor waar wel welke werd worden zal zich
wie wil zou door maar met bij aan als dus even graag heb heeft hebben kan kun moet mag weet zijn zonder tijdens
does did good great hope just like long made make many most much must next please since still thank thanks there these
those through under until very want well were which while would could should
""")
NO_NAME = _set("""
januari februari maart april mei juni juli augustus september oktober november december january february
march may june july august october maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday
tuesday wednesday thursday friday saturday sunday pasen pinksteren kerst easter christmas ramadan lent
nederlands engels frans duits turks pools arabisch marokkaans surinaams spaans grieks latijn dutch english
french german turkish polish arabic moroccan spanish greek latin chinese japanese russian american british
european scottish welsh irish belgian surinamese indian islamic jewish christian catholic
nederland belgië england scotland wales ireland holland europa europe amerika
god jezus christus jesus christ allah boeddha buddha bible bijbel koran quran torah
ik je u jij wij ze hij we i you he she it they
excel word outlook teams azure windows office sharepoint onedrive exchange google apple microsoft adobe
oracle sap epic hix chipsoft nedap medicom promedico zorgdomein zorgmail magister somtoday esis parnassys
twinfield exact afas visma basecone yuki snelstart xero sage quickbooks moneybird unit4 caseware
jenkins jira confluence slack zoom github gitlab docker kubernetes python java javascript ruby perl rust go
julia scala kotlin swift django flask rails spring hadoop spark kafka redis postgres mysql linux ubuntu
debian fedora android chrome firefox safari edge cisco dell lenovo intel nvidia
alexa siri cortana claude chatgpt gemini copilot llama bert watson deepmind openai anthropic tesla
cito dia boom malmberg zwijsen noordhoff snappet muiswerk diatoets nieuwsbegrip
marktplaats bol coolblue albert heijn jumbo lidl aldi hema ikea action rabobank ing abn amro knab bunq
philips siemens stryker zimmer depuy medtronic roche pfizer novartis bayer astrazeneca moderna sandoz
covid corona mri ct ok ic seh ggz ggd rivm uwv svb duo ib poh aios
markdown wikipedia facebook linkedin instagram whatsapp youtube twitter tiktok telegram signal
ajax feyenoord psv arsenal chelsea liverpool everton knvb uefa fifa
mvg mw dhr dr mr mrs ms ps nb re cc bcc fw aub svp evt ivm tbv mbt igv obv btw kvk vve
beste hoi hallo dear hello hi hey groet groeten thanks bedankt collega collega's collegae allemaal allen
iedereen all team everyone folks colleagues lezer lezers leden
victor ludo ada eliza turing church
""")
# People of history and letters, and firms with the names of people; whole names only.
FAMOUS = frozenset(
    line.strip()
    for line in """
    anne frank
    jan terlouw
    tonke dragt
    annie m.g. schmidt
    roald dahl
    thea beckman
    paul van loon
    jacques vriens
    carry slee
    guus kuijer
    astrid lindgren
    harry mulisch
    willem frederik hermans
    arnon grunberg
    hella haasse
    malorie blackman
    michael morpurgo
    jacqueline wilson
    julia donaldson
    philip pullman
    harry potter
    jane austen
    jane eyre
    charles dickens
    george orwell
    william golding
    john steinbeck
    arthur miller
    mary shelley
    agatha christie
    sherlock holmes
    emily brontë
    charlotte brontë
    robert louis stevenson
    florence nightingale
    mary seacole
    rosa parks
    wangari maathai
    isambard kingdom brunel
    martin luther king
    nelson mandela
    marie curie
    charles darwin
    isaac newton
    albert einstein
    isaac asimov
    alan turing
    ada lovelace
    vincent van gogh
    johan cruijff
    marco van basten
    maria montessori
    jean piaget
    grant thornton
    ernst young
    van doorne
    de brauw
    van lanschot
    van leeuwenhoek
    antoni van leeuwenhoek
    jeroen bosch
    daniel den hoed
    leger des heils
    johnny depp
    donald trump
    """.splitlines()
    if line.strip()
)
LEARNED = _set("""
einstein turing newton gödel godel euler gauss hilbert bayes kant hume plato aristotle aristoteles socrates
descartes spinoza nietzsche wittgenstein russell popper kuhn darwin freud jung skinner pavlov piaget
vygotsky montessori dewey bloom bruner kahneman tversky searle dennett chomsky minsky mccarthy shannon neumann
von-neumann hinton lecun bengio goodfellow schmidhuber hassabis ng norvig russell bostrom kurzweil
yudkowsky asimov musk gates jobs zuckerberg bezos trump obama biden clinton merkel macron rutte
shakespeare vermeer rembrandt mozart beethoven bach marx keynes smith-adam hayek friedman galileo
copernicus kepler pythagoras euclid archimedes leibniz lagrange laplace fourier fermat ramanujan polya
pólya lakatos feynman hawking penrose maxwell faraday curie pasteur mendel kolmogorov markov dijkstra knuth
mandela gandhi hitler stalin lenin napoleon caesar churchill lincoln washington jefferson
messi ronaldo cruijff kasparov sedol lovelace babbage wiener hopfield rumelhart mcculloch pitts
rosenblatt hebb wolfram lenat moravec brooks
""")
