"""Small books in the manner of real manuscripts, written for the tests."""

from pathlib import Path

CARD = """\
---
event_id: willow-2021-05
date: 2021-05-12
title: 柳树模型发布 (Willow Release)
title_en: "Willow: A Small Open Model"
organization: Riverside Lab
event_type: model_release
significance_level: critical
verification_status: reported
tags:
  - open-models
causal_connections:
  - response_to: [poplar-2020-03, cedar-2022-01]
  - enables: [birch-2022-07, spruce-2023-04]
  - triggers: open_model_wave
technical_concepts:
  - sparse-training
chapter_id: 02-forest
---

# 柳树模型发布 (2021-05-12)

**🔴 关键里程碑** | **Critical Milestone**

## 事件概述 (Event Overview)

2021年5月12日，河畔实验室发布柳树模型，一组小规模的开放模型。

On May 12, 2021, the lab released Willow, a family of small open models for everyone to study.

## 技术要点 (Technical Points)

**两个规模**:
- **Willow-S**: 小号
- **Willow-L**: 大号

**与更大模型的对比**:
| 测试 | Willow-L | Poplar |
|------|----------|--------|
| 甲 | 41 | 40 |
| 乙 | 52 | 53 |

## 相关概念 (Related Concepts)

- [Sparse training](../../concepts/sparse-training.md)
- [Open models](../../concepts/open-models.md)
- [Small models](../../concepts/small-models.md)

## 相关章节 (Related Chapters)

- [第2章](../../../manuscript/02-forest/willow.md)

## 时间线位置 (Timeline Position)

**之前**:
- [白杨](poplar-launch-2020.md) (2020-03): 带来压力

**之后**:
- [白桦](birch-launch-2022.md) (2022-07)
- [云杉](spruce-launch-2023.md) (2023-04)

**同时**:
- [雪松](cedar-launch-2022.md) (2022-01)
- [冷杉](fir-launch-2021.md) (2021-06)
"""

CHAPTER = """\
---
chapter_number: 2
title: "森林的边缘"
title_en: "The Edge of the Forest"
period: "2021-2023"
status: draft
key_events:
  - willow-launch-2021
anecdote_count: 1
---

# Chapter 2: 森林的边缘

## 引言 (Introduction)

2021年春天，没有人注意一间小实验室。他坚持**"开放才有进步"**（Openness is progress），\
这句话后来传得很远[^1]。😀

**三个判断**：
- 开放
- 便宜
- 足够好

**对比**：
| 名称 | 年份 |
|------|------|
| 柳树 | 2021 |

## 小结

第二章到此结束[^note]。

[^1]: 第二章的第一个注。
[^note]: 第二章的第二个注。
"""

OTHER = """\
---
chapter_number: 1
title: 开端
---

# 第1章 开端

## 引言

第一章引出[森林的边缘](02-forest/willow.md)，又见[小结](02-forest/willow.md#小结)[^1]，
并见[林边](02-forest/willow.md){.page}。

## 小结

第一章到此结束[^note]。

[^1]: 第一章的第一个注。
[^note]: 第一章的第二个注。
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, which is returned."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


def pair(root: Path) -> Path:
    """One card and one chapter, as an author has them before the tool comes."""
    return write(
        root,
        {
            "events/2021/willow-launch-2021.md": CARD,
            "manuscript/02-forest/willow.md": CHAPTER,
        },
    )


def twins(root: Path) -> Path:
    """Two chapters that use the same footnote labels and the same headings, and a card."""
    pair(root)
    return write(root, {"book.yaml": "title: 森林\n", "manuscript/opening.md": OTHER})
