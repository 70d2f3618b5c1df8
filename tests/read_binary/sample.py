"""A table shaped like section 三 of the statutory form, every figure different."""

from __future__ import annotations

from tests.read_binary.pdf_maker import Box

COLUMNS = [26.0, 62.0, 130.0, *[32.0] * 7]
GROUPS = [
    ("（一）予以公开", [""]),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", [""]),
    ("（三）不予公开", [f"{i}.不予公开的情形" for i in range(1, 9)]),
    ("（四）无法提供", [f"{i}.无法提供的情形" for i in range(1, 4)]),
    ("（五）不予处理", [f"{i}.不予处理的情形" for i in range(1, 6)]),
    ("（七）总计", [""]),
]
HEADER_ROWS = 3
LABEL = "三、本年度办理结果"


def section_three() -> list[Box]:
    """Boxes of the table: three header rows, 22 rows of seven figures, one of them blank."""
    boxes = [
        Box(0, 0, "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
        Box(0, 3, "申请人情况", 1, 7),
        Box(1, 3, "自然人", 2, 1),
        Box(1, 4, "法人或其他组织", 1, 5),
        Box(1, 9, "总计", 2, 1),
        *[
            Box(2, 4 + i, text)
            for i, text in enumerate(
                ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
            )
        ],
        Box(3, 0, "一、本年新收政府信息公开申请数量", 1, 3),
        Box(4, 0, "二、上年结转政府信息公开申请数量", 1, 3),
    ]
    row = 5
    for group, labels in GROUPS:
        if labels == [""]:
            boxes.append(Box(row, 1, group, 1, 2))
            row += 1
            continue
        boxes.append(Box(row, 1, group, len(labels), 1))
        for label in labels:
            boxes.append(Box(row, 2, label))
            row += 1
    boxes.append(Box(5, 0, LABEL, row - 5, 1))
    boxes.append(Box(row, 0, "四、结转下年度继续办理", 1, 3))
    boxes += [
        Box(r, 3 + i, "" if (r, i) == (9, 2) else str(100 + 7 * r + i))
        for r in range(3, row + 1)
        for i in range(7)
    ]
    return boxes


N_ROWS = max(box.row for box in section_three()) + 1
