"""Fictional entries and customers written in Thai, Burmese, Khmer and Lao, with marks that are hard to set."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from lintas.desk import intake, officers, runs
from lintas.desk.office import Office


@dataclass(frozen=True)
class Script:
    """A script of the region: its font, its state, a person and a company whose names never existed."""

    font: str
    country: str
    person: str
    alias: str
    company: str
    text: str


SCRIPTS = (
    Script(
        "Noto Sans Thai",
        "th",
        "ปิ่นเกล้า ยิ่งสมมุติทั้งปวง",
        "Pinklao Yingsommut",
        "บริษัท ตัวอย่างสมมติการเดินเรือระหว่างประเทศและโลจิสติกส์แห่งเอเชียตะวันออกเฉียงใต้ จำกัด (มหาชน)",
        "รายการนี้สมมติขึ้นเพื่อการฝึกอบรมเท่านั้น ไม่มีบุคคลหรือบริษัทใดที่ใช้ชื่อนี้ ผู้ที่อยู่ในรายการไม่มีตัวตนจริงและญาติพี่น้องก็เช่นกัน",
    ),
    Script(
        "Noto Sans Myanmar",
        "mm",
        "ဦးကောင်းမြတ်စံပြမြိုင်ကြီး",
        "U Kaung Myat Sanpya",
        "မြန်မာ့စံပြစိတ်ကူးယဉ်ပင်လယ်ရေကြောင်းသယ်ယူပို့ဆောင်ရေးနှင့်ကုန်သွယ်ရေးကုမ္ပဏီလီမိတက်",
        "ဤစာရင်းသည်လေ့ကျင့်ရန်အတွက်သာစိတ်ကူးဖြင့်ရေးထားခြင်းဖြစ်သည်။ ဥက္ကဋ္ဌကြီးသည်ဗုဒ္ဓဟူးနေ့တွင်ရှိမည်မဟုတ်ပါ။ ကျွန်ုပ်တို့မသိသောသူဖြစ်သည်။",
    ),
    Script(
        "Noto Sans Khmer",
        "kh",
        "សុខ គំរូប្រឌិតស្រីស្រស់",
        "Sok Komrupraditsrey",
        "ក្រុមហ៊ុនគំរូប្រឌិតដឹកជញ្ជូនតាមនាវាអន្តរជាតិនិងឡូជីស្ទិកអាស៊ីអាគ្នេយ៍",
        "បញ្ជីនេះត្រូវបានប្រឌិតឡើងសម្រាប់តែការបណ្តុះបណ្តាលប៉ុណ្ណោះ។ គ្មានស្ត្រីឬបុរសណាម្នាក់ដែលមានឈ្មោះនេះទេ ហើយក្រុមហ៊ុនក៏មិនមានដែរ។",
    ),
    Script(
        "Noto Sans Lao",
        "la",
        "ທ້າວ ສົມມຸດຊື່ນຊົມ ຕົວຢ່າງ",
        "Thao Sommutsuenxom",
        "ບໍລິສັດຕົວຢ່າງສົມມຸດຂົນສົ່ງທາງນ້ຳລະຫວ່າງປະເທດແລະໂລຈິສຕິກອາຊີຕາເວັນອອກສຽງໃຕ້ຈຳກັດ",
        "ບັນຊີນີ້ສົມມຸດຂຶ້ນເພື່ອການຝຶກອົບຮົມເທົ່ານັ້ນ ບໍ່ມີບຸກຄົນຫຼືບໍລິສັດໃດທີ່ໃຊ້ຊື່ນີ້ ແລະຜູ້ທີ່ຢູ່ໃນລາຍການກໍ່ບໍ່ມີຕົວຕົນຈິງ",
    ),
)


def load(office: Office, folder: Path) -> int:
    """Load a list of them, screen a file of their namesakes; the number of the run."""
    me = officers.owner(office)
    entries = folder / "scripts.ftm.json"
    entries.write_text("\n".join(json.dumps(one) for it in SCRIPTS for one in _entities(it)), encoding="utf-8")
    intake.load(office, me, "ftm", [entries], fictional=True)
    customers = folder / "customers.csv"
    with customers.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "schema", "name", "nationality"])
        for it in SCRIPTS:
            table.writerow([f"{it.country}-1", "Person", it.person, it.country])
            table.writerow([f"{it.country}-2", "Company", it.company, it.country])
    run = runs.create(office, me, customers, threshold=0.6, fictional=True)
    runs.work(office, run.number)
    return run.number


def _entities(it: Script) -> list[dict[str, object]]:
    def entity(id: str, schema: str, **properties: list[str]) -> dict[str, object]:
        return {"id": f"fiction-{it.country}-{id}", "schema": schema, "properties": properties}

    person, company = f"fiction-{it.country}-person", f"fiction-{it.country}-company"
    topics = ["sanction"]
    return [
        entity("person", "Person", name=[it.person], alias=[it.alias], nationality=[it.country], topics=topics),
        entity("company", "Company", name=[it.company], country=[it.country], topics=topics, notes=[it.text]),
        entity("director", "Directorship", director=[person], organization=[company]),
        entity("sanction", "Sanction", entity=[company], program=["FICTION"], reason=[it.text]),
    ]
