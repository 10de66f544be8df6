"""Plain prose in any language passes the quickstart's rules: no script, no capitals and no close sister drops it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.models import fetch
from jobs.filter.stage import decide
from jobs.recipe.load import load_recipe
from tests.runs import MODELS, PROJECT
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator
from udfs.signals.sets import schema_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROSE = {
    "capitals": (
        "THE OLD BAKER OPENED HIS SHOP BEFORE SUNRISE, AND THE CHILDREN OF THE STREET CAME FOR WARM ROLLS. HE KNEW EACH OF THEM BY NAME.",
        "IN WINTER HE KEPT THE DOOR OPEN SO THAT THE POSTMAN COULD WARM HIS HANDS. NOBODY PAID FOR THAT, AND NOBODY HAD TO ASK.",
        "WHEN HE RETIRED, THE WHOLE STREET BROUGHT HIM BREAD THAT THEY HAD BAKED THEMSELVES. MOST OF IT WAS BURNT, BUT HE ATE IT ALL.",
    ),
    "croatian": (
        "Stari pekar otvarao je svoju radnju prije zore, a djeca iz ulice dolazila su po topla peciva. Svako je dijete znao po imenu.",
        "Zimi je držao vrata otvorena kako bi poštar mogao ugrijati ruke. Nitko to nije plaćao i nitko nije morao pitati.",
        "Kad je otišao u mirovinu, cijela mu je ulica donijela kruh koji su sami ispekli. Većina je zagorjela, ali on je sve pojeo.",
    ),
    "korean": (
        "늙은 빵집 주인은 해가 뜨기 전에 가게 문을 열었다. 동네 아이들은 따뜻한 빵을 사러 왔다. 그는 아이들의 이름을 모두 알았다.",
        "겨울에는 우체부가 손을 녹일 수 있게 문을 열어 두었다. 아무도 돈을 내지 않았고 아무도 부탁할 필요가 없었다.",
        "그가 일을 그만두던 날 온 동네 사람들이 직접 구운 빵을 가져왔다. 거의 다 타 버렸지만 그는 모두 맛있게 먹었다. "
        "그 뒤로 가게는 비어 있고 아침마다 냄새가 그립다고 한다.",
    ),
    "cantonese": (
        "老師傅天未光就開舖，啲街坊細路走嚟買熱辣辣嘅麵包。佢個個都嗌得出名，邊個鍾意食乜嘢都記得晒。",
        "冬天佢成日打開道門，等個郵差可以入嚟暖吓手。冇人要畀錢，亦都冇人要開口問。落雨嗰陣，佢仲會借遮畀人。",
        "佢退休嗰日，成條街嘅人都攞自己焗嘅麵包嚟畀佢。大部分都燶晒，但係佢一啖一啖咁食晒佢，仲話好好味。",
    ),
    "thai": (
        "คนทำขนมปังคนเก่าเปิดร้านก่อนฟ้าสาง เด็กๆ ในซอยมาซื้อขนมปังอุ่นๆ กันทุกเช้า เขาจำชื่อเด็กได้ทุกคน และรู้ว่าใครชอบไส้อะไร",
        "หน้าหนาวเขาเปิดประตูทิ้งไว้ให้บุรุษไปรษณีย์เข้ามาผิงมือ ไม่มีใครต้องจ่ายเงิน และไม่มีใครต้องเอ่ยปากขอ",
        "วันที่เขาเลิกกิจการ คนทั้งซอยเอาขนมปังที่อบเองมาให้ ส่วนใหญ่ไหม้เกรียม แต่เขาก็กินจนหมดทุกชิ้น แล้วบอกว่าอร่อยมาก",
    ),
}


@pytest.mark.spark
def test_plain_prose_of_every_kind_is_kept_by_the_quickstarts_rules(spark: "SparkSession") -> None:
    model = fetch("lid.176.ftz", folder=Path(MODELS))
    sets = ("language", "statistics")
    annotator = Annotator(AnnotateSettings(language_model=model.path, language_sha256=model.sha256, sets=sets))
    rows = [{**annotator.row(kind, "\n".join(lines)), "line_edits": None} for kind, lines in PROSE.items()]
    signals = spark.createDataFrame(rows, from_arrow_schema(schema_of(sets))).selectExpr("*", "'00000' AS chunk")
    rules = [rule for rule in load_recipe(PROJECT / "conf/quickstart.toml").sections["filter"] if rule.reason != "low_quality"]
    broken = {row["id"]: row["broken"] + row["unmeasured"] for row in decide(signals, rules=rules).collect()}
    assert broken == {kind: [] for kind in PROSE}
